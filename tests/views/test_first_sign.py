"""What a cell shows at once: before the widgets are imported, and nothing of it where the question is refused."""

from __future__ import annotations

from edenai_nb.sandbox import Sandbox

from ..kernel import Kernel

# Prints how much has been displayed when the first widget library is imported.
WATCH = """
import sys
from IPython import get_ipython
publisher, shown = get_ipython().display_pub, []
publish = publisher.publish
publisher.publish = lambda *args, **more: (shown.append(1), publish(*args, **more))
class Watch:
    def find_spec(self, name, *_):
        if name == "anywidget":
            print("displayed:", len(shown))
sys.meta_path.insert(0, Watch())
"""


def test_the_first_sign_comes_before_the_widgets_and_names_the_one_that_takes_its_place(kernel: Kernel) -> None:
    with Sandbox() as sandbox:
        kernel.run(f"%load_ext edenai_nb\nimport edenai_nb; edenai_nb.configure(base_url={sandbox.base_url!r})")
        kernel.run(WATCH)
        refused = kernel.run("%%edenchat --once\nhello")
        assert [output.output_type for output in refused.outputs] == ["error"]
        refused = kernel.run("print('mine')\n%edenchat --once hello")
        assert refused.stdout == "mine\n"
        assert [output.get("data") for output in refused.outputs] == [{}, None]

        kernel.run(f"edenai_nb.configure(api_key={sandbox.key!r}); shown.clear()")
        asked = kernel.run("%%edenchat --once\nhello")
        assert asked.stdout == "displayed: 1\n"
        opened = [comm.comm_id for comm in kernel.comms if comm.kind == "comm_open"]
        assert asked.outputs[0].metadata["edenai_nb"]["view"] in opened
        assert "waiting" in asked.outputs[0].data["text/html"]

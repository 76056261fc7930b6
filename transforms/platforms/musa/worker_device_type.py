"""Let the GPU worker start on a MUSA device."""

from transforms.edits import Patch, Replace

PATCH = Patch(
    why=(
        'Worker.init_device accepts only the literal "cuda"; a MUSA platform reports "musa", so '
        'startup ends in "RuntimeError: Not support device type: musa".'
    ),
    upstream="none: needs a MUSA runner in upstream CI",
    drop_when="init_device does not compare the device type with the literal 'cuda'",
    versions=">=0.9.2",
    edits=[
        # The V0 engine went in 0.11.
        Replace(
            inside="vllm.worker.worker.Worker.init_device",
            find='$device.type == "cuda"',
            replace='$device.type in ("cuda", "musa")',
            versions="<0.11",
        ),
        Replace(
            inside="vllm.v1.worker.gpu_worker.Worker.init_device",
            find='$device.type == "cuda"',
            replace='$device.type in ("cuda", "musa")',
            versions="<0.14",
        ),
        Replace(
            inside="vllm.v1.worker.gpu_worker.Worker.init_device",
            find='self.device_config.device_type == "cuda"',
            replace='self.device_config.device_type in ("cuda", "musa")',
            versions=">=0.14",
        ),
    ],
)

"""PyTorch's side of bench/speed.ts: answers requests on standard input, one JSON line each, with examples a second.

The same networks, shapes and work as speed-worker.ts; channels_last, torch.compile, bfloat16 autocast, TF32 and a GPU on request.
"""
import json
import resource
import sys
import time

import torch
import torchvision
from torchvision.models.resnet import BasicBlock, ResNet

CLASSES, SIDE = 64, 32


def resnet18(width):
    net = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=CLASSES)
    net.inplanes = width
    net.conv1 = torch.nn.Conv2d(3, width, 3, 1, 1, bias=False)
    net.maxpool = torch.nn.Identity()
    net.bn1 = torch.nn.BatchNorm2d(width)
    for stage in range(4):
        layer = net._make_layer(BasicBlock, width * 2**stage, 2, stride=1 if stage == 0 else 2)
        setattr(net, f"layer{stage + 1}", layer)
    net.fc = torch.nn.Linear(width * 8, CLASSES)
    return net


def vgg13(width):
    plan = []
    for stage in range(5):
        plan += [width * min(2**stage, 8)] * 2 + ["M"]
    net = torchvision.models.VGG(torchvision.models.vgg.make_layers(plan), num_classes=CLASSES)
    net.avgpool = torch.nn.Identity()
    net.classifier = torch.nn.Linear(width * 8, CLASSES)
    return net


class Block12(torch.nn.Module):
    def __init__(self, inputs, channels):
        super().__init__()
        convolution = lambda source, side: [torch.nn.Conv2d(source, channels, side, padding=side // 2, bias=False), torch.nn.BatchNorm2d(channels)]
        leaky = lambda: torch.nn.LeakyReLU(0.1, inplace=True)
        self.body = torch.nn.Sequential(
            *convolution(inputs, 3), leaky(), *convolution(channels, 3), leaky(), *convolution(channels, 3)
        )
        self.downsample = torch.nn.Sequential(*convolution(inputs, 1))
        self.end = torch.nn.Sequential(leaky(), torch.nn.MaxPool2d(2))

    def forward(self, x):
        return self.end(self.body(x) + self.downsample(x))


def few_shot(stages, features):
    return torch.nn.Sequential(*stages, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(features, CLASSES))


def resnet12(width):
    channels = [3, width, width * 5 // 2, width * 5, width * 10]
    return few_shot([Block12(*pair) for pair in zip(channels, channels[1:])], channels[-1])


def conv4(width):
    layers = []
    for index in range(4):
        layers += [torch.nn.Conv2d(3 if index == 0 else width, width, 3, padding=1), torch.nn.BatchNorm2d(width)]
        layers += [torch.nn.ReLU(inplace=True), *([torch.nn.MaxPool2d(2)] if index < 3 else [])]
    return few_shot(layers, width)


def embedding_of(net):
    if isinstance(net, ResNet):
        net.fc = torch.nn.Identity()
    else:
        net.classifier = torch.nn.Identity()
    return net


def rate_of(examples, seconds, body):
    body()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 3:
        before = time.perf_counter()
        body()
        times.append(time.perf_counter() - before)
    return examples / sorted(times)[len(times) // 2]


def measure(request):
    torch.manual_seed(0)
    device = torch.device(request.get("device", "cpu"))
    for backend in (torch.backends.cuda.matmul, torch.backends.cudnn):
        backend.allow_tf32 = request["precision"] == "tf32"
    batch, seconds = request["batch"], request["seconds"]
    memory = torch.channels_last if request["format"] == "channels_last" else torch.contiguous_format
    net = {"resnet18": resnet18, "vgg13": vgg13, "resnet12": resnet12, "conv4": conv4}[request["model"]](request["width"]).to(device, memory_format=memory)
    images = torch.sin(torch.arange(batch * 3 * SIDE * SIDE) * 0.37).reshape(batch, 3, SIDE, SIDE).numpy()
    labels = (torch.arange(batch) % CLASSES).to(device)
    cast = torch.autocast(device.type, dtype=torch.bfloat16, enabled=request["precision"] == "bfloat16")

    def inputs():
        return torch.from_numpy(images).to(device, memory_format=memory)

    if request["task"] == "train":
        net.train()
        model = torch.compile(net) if request.get("compile") else net
        sgd = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)

        def body():
            with cast:
                logits = model(inputs())
                loss = torch.nn.functional.cross_entropy(logits, labels)
            sgd.zero_grad(set_to_none=True)
            loss.backward()
            sgd.step()
            return loss.item(), int((logits.argmax(1) == labels).sum())

        return rate_of(batch, seconds, body)
    net = embedding_of(net).eval()
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    model = torch.compile(net) if request.get("compile") else net
    if request["task"] == "inference":

        def body():
            with torch.inference_mode(), cast:
                model(inputs()).float().cpu().numpy()

        return rate_of(batch, seconds, body)
    if request["task"] == "probe":

        def body():
            x = inputs().requires_grad_(True)
            with cast:
                embedding = model(x)
            v = torch.randint(0, 2, embedding.shape, device=device).to(embedding.dtype) * 2 - 1
            (gradient,) = torch.autograd.grad(embedding, x, v)
            return (gradient.double() ** 2).sum((1, 2, 3)).cpu().numpy()

        return rate_of(batch, seconds, body)
    if request["precision"] == "bfloat16":  # vmap does not go through autocast: all of it in bfloat16
        model = model.to(torch.bfloat16)

    def typed():
        return inputs().to(next(model.parameters()).dtype)

    width = model(typed()[:1]).shape[1]
    # Some of the rows: all of them take half a minute a call.
    measured = min(width, 64)

    def body():
        embedding, product = torch.func.vjp(model, typed())
        total = torch.zeros(batch, dtype=torch.float64, device=device)
        chunk = 8
        for start in range(0, measured, chunk):
            rows = torch.zeros(chunk, batch, width, dtype=embedding.dtype, device=device)
            for k in range(chunk):
                rows[k, :, start + k] = 1
            (gradients,) = torch.vmap(product)(rows)
            total += (gradients.double() ** 2).sum((0, 2, 3, 4))
        return total.cpu().numpy()

    return rate_of(batch * measured, seconds, body)


print(json.dumps({"loaded": True}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"rate": measure(request), "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    except Exception as error:  # torch.compile does not run everywhere
        answer = {"rate": None, "error": str(error).splitlines()[0][:200]}
    print(json.dumps(answer), flush=True)

"""A few-line network in numpy, enough to see whether a data set can be learned."""
import numpy as np


def accuracy(samples, labels, train, test, hidden, epochs, rate=3e-3, batch=128):
    """Test accuracy of dense layers of `hidden` widths with ReLU (none: a linear model), trained by Adam."""
    random = np.random.default_rng(3)
    sizes = [samples.shape[1], *hidden, int(labels.max()) + 1]
    layers = [((random.normal(size=(wide, narrow)) * np.sqrt(2 / wide)).astype(np.float32), np.zeros(narrow, np.float32))
              for wide, narrow in zip(sizes, sizes[1:])]
    state = [[np.zeros_like(part) for layer in layers for part in layer] for _ in range(2)]
    step = 0
    for _ in range(epochs):
        order = random.permutation(train)
        for start in range(0, len(order), batch):
            step += 1
            _adam(layers, _gradients(layers, samples[order[start:start + batch]], labels[order[start:start + batch]]), state, step, rate)
    return float((_outputs(layers, samples[test])[-1].argmax(axis=1) == labels[test]).mean())


def _outputs(layers, values):
    """The input and every layer's output."""
    outputs = [values]
    for number, (weights, bias) in enumerate(layers):
        values = values @ weights + bias
        if number + 1 < len(layers):
            values = np.maximum(values, 0)
        outputs.append(values)
    return outputs


def _gradients(layers, samples, labels):
    outputs = _outputs(layers, samples)
    error = np.exp(outputs[-1] - outputs[-1].max(axis=1, keepdims=True))
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(labels)), labels] -= 1
    error /= len(labels)
    gradients = []
    for number in reversed(range(len(layers))):
        gradients = [outputs[number].T @ error, error.sum(axis=0), *gradients]
        error = (error @ layers[number][0].T) * (outputs[number] > 0)
    return gradients


def _adam(layers, gradients, state, step, rate):
    for part, gradient, first, second in zip([part for layer in layers for part in layer], gradients, *state):
        first += 0.1 * (gradient - first)
        second += 0.001 * (gradient * gradient - second)
        part -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)

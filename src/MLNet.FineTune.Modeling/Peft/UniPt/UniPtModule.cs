using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The parallel network of <see cref="UniPt"/>.</summary>
internal sealed class UniPtModule : HiddenStatesAdapter
{
    private const double NormEpsilon = 1e-5;
    private const double SumEpsilon = 1e-8;

    private readonly (Dense Dense, LayerNorm Norm)[] _down;
    private readonly Dense _projection;
    private readonly LayerNorm _projectionNorm;
    private readonly Dense _up;
    private readonly Dense _confidence;
    private readonly bool _residual;

    public UniPtModule(UniPt options, EncoderConfig encoder) : base(nameof(UniPtModule))
    {
        _residual = options.Residual;
        int hidden = encoder.HiddenSize, size = options.SizeFor(hidden);
        // The embeddings count as a layer.
        _down = [.. Enumerable.Range(0, encoder.LayerCount + 1).Select(_ => (new Dense(hidden, size, encoder.Device), new LayerNorm(size, NormEpsilon, encoder.Device)))];
        _projection = new Dense(size, size, encoder.Device);
        _projectionNorm = new LayerNorm(size, NormEpsilon, encoder.Device);
        _up = new Dense(size, hidden, encoder.Device, _residual ? 0 : null);
        // A bias would be the same for all layers, and cancel.
        _confidence = new Dense(size, 1, encoder.Device, bias: false);
        for (int layer = 0; layer < _down.Length; layer++)
        {
            Register($"down{layer}", _down[layer].Dense);
            Register($"down_norm{layer}", _down[layer].Norm);
        }
        Register("projection", _projection);
        Register("projection_norm", _projectionNorm);
        Register("up", _up);
        Register("confidence", _confidence);
    }

    public override Tensor Combine(IReadOnlyList<Tensor> states, EncoderInput input)
    {
        Tensor? mask = Mask(states[^1], input);
        Tensor anchor = Lower(states, states.Count - 1), guide = Mean(anchor, mask);
        var merged = new Tensor[states.Count - 1];
        var confidence = new Tensor[states.Count - 1];
        for (int layer = 0; layer < merged.Length; layer++)
        {
            Tensor lowered = Lower(states, layer);
            merged[layer] = Attend(anchor, lowered, mask);
            confidence[layer] = _confidence.Forward(guide * Mean(lowered, mask)); // [batch, 1]
        }
        Tensor weights = nn.functional.softmax(cat(confidence, 1).to(ScalarType.Float32), 1).to(anchor.dtype);
        Tensor sum = einsum("bn,bnld->bld", weights, stack(merged, 1));
        Tensor result = _up.Forward(nn.functional.relu(anchor.Add(_projectionNorm.Forward(_projection.Forward(sum)))));
        return _residual ? states[^1].Add(result) : result;
    }

    /// <summary>A layer's states at the width of the network.</summary>
    private Tensor Lower(IReadOnlyList<Tensor> states, int layer) => _down[layer].Norm.Forward(_down[layer].Dense.Forward(states[layer]));

    /// <summary>Every position of the last layer gathers from another, by the positive part of the products, and takes its own position there in full.</summary>
    private static Tensor Attend(Tensor anchor, Tensor lowered, Tensor? mask)
    {
        Tensor scores = nn.functional.relu(anchor.matmul(lowered.transpose(1, 2)).to(ScalarType.Float32)); // [batch, length, length]
        if (mask is not null)
            scores = scores * mask.transpose(1, 2);
        Tensor weights = scores / scores.sum(-1, keepdim: true).Add(SumEpsilon);
        return weights.to(anchor.dtype).matmul(lowered).Add(lowered);
    }

    /// <summary>[batch, length, size] → [batch, size].</summary>
    private static Tensor Mean(Tensor states, Tensor? mask)
    {
        Tensor mean = mask is null ? states.to(ScalarType.Float32).mean([1]) : (states * mask).sum(1) / mask.sum(1);
        return mean.to(states.dtype);
    }

    /// <summary>One for tokens and a prompt before them, float32 [batch, length, 1]; null without padding.</summary>
    private static Tensor? Mask(Tensor states, EncoderInput input)
    {
        if (input.Mask is not { } tokens)
            return null;
        Tensor mask = tokens.to(ScalarType.Float32);
        long prompt = states.size(1) - input.Length;
        return (prompt == 0 ? mask : cat([ones(input.BatchSize, prompt, device: mask.device), mask], 1)).unsqueeze(-1);
    }
}

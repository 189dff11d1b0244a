using System.Text.Json.Nodes;

namespace MLNet.FineTune.Models;

/// <summary>An encoder's configuration and tokenizer with random weights in place of its own: what its pre-training is measured against.</summary>
internal sealed class UntrainedEncoderSource(EncoderSource trained) : EncoderSource
{
    public override string Description => $"{trained.Description}, with random weights";

    internal override string Kind => "untrained";

    internal override string GetDirectory() => throw new InvalidOperationException($"The encoder ({Description}) has no files: it exists only once it is trained.");

    internal override PretrainedEncoder Open(IEnumerable<string> texts)
    {
        using PretrainedEncoder encoder = trained.Open(texts);
        return encoder.WithoutWeights();
    }

    private protected override void WriteTo(JsonObject json) => throw new InvalidOperationException($"The encoder ({Description}) cannot be referred to in a saved model.");
}

using MLNet.FineTune.Models;

namespace MLNet.FineTune.Transformers;

/// <summary>The classifier of a transformer.</summary>
internal sealed class SharedClassifier(ITextClassifier classifier) : SharedModel<ITextClassifier>(classifier, typeof(FineTunedTextTransformer))
{
    public override int Width { get; } = classifier.ClassCount;

    public override int BatchSize { get; } = Math.Max(1, classifier.BatchSize);

    protected override void Score(ITextClassifier model, IReadOnlyList<TextInput> inputs, Span<float> scores, Action? checkAlive) => model.Score(inputs, scores, checkAlive);
}

using MLNet.FineTune.Models;

namespace MLNet.FineTune.Transformers;

/// <summary>The classifier of a transformer.</summary>
/// <param name="classifier">The classifier, owned from now on.</param>
/// <param name="owner">The transformer's type.</param>
internal sealed class SharedClassifier(ITextClassifier classifier, Type owner) : SharedModel<ITextClassifier>(classifier, owner)
{
    private readonly Func<TextInput, int> _width = classifier.LogitCount;

    public override int Width { get; } = classifier.ClassCount;

    public override int WidthOf(TextInput input) => _width(input);

    public override int BatchSize { get; } = Math.Max(1, classifier.BatchSize);

    protected override void Score(ITextClassifier model, IReadOnlyList<TextInput> inputs, Span<float> scores, Action? checkAlive) => model.Score(inputs, scores, checkAlive);
}

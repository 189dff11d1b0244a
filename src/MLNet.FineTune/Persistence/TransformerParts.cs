using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Persistence;

/// <summary>What a saved transformer consists of.</summary>
/// <param name="Classifier">The classifier.</param>
/// <param name="Labels">Its classes.</param>
/// <param name="Columns">What it reads and writes.</param>
/// <param name="Rule">How a text gets several classes or none; null where it gets one.</param>
internal sealed record TransformerParts(ITextClassifier Classifier, ClassLabels Labels, ScoringColumns Columns, LabelRule? Rule)
{
    /// <summary>Makes the transformer, which then owns the classifier; frees the classifier when that fails.</summary>
    public T Make<T>(Func<T> make) => Classifier.HandTo(make);
}

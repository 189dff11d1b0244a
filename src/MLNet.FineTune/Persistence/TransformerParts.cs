using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Persistence;

/// <summary>What a saved transformer consists of.</summary>
internal sealed record TransformerParts(ITextClassifier Classifier, ClassLabels Labels, ScoringColumns Columns)
{
    /// <summary>Makes the transformer, which then owns the classifier; frees the classifier when that fails.</summary>
    public T Make<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch
        {
            Classifier.Dispose();
            throw;
        }
    }
}

using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>A fitted classifier of texts: appends the score and the predicted label to data that has the text columns.</summary>
/// <inheritdoc cref="FineTunedTextTransformer" path="/remarks"/>
public abstract class TextClassificationTransformer : FineTunedTextTransformer
{
    internal TextClassificationTransformer(IHost host, ITextClassifier classifier, ClassLabels labels, ScoringColumns columns) : base(host, classifier, labels, columns)
    {
    }

    /// <summary>The names of the classes, in the order of the scores: the values of the label's key as text, or its key numbers where it has no values.</summary>
    public IReadOnlyList<string> ClassNames => Labels.Names;

    /// <summary>
    /// A model of its own that has the adapter's change in the encoder's weights: it scores what this one scores but for rounding, as fast as the encoder alone, and is saved whole
    /// (<c>merge_and_unload</c> of Python's peft).
    /// </summary>
    /// <returns>The model, of this one's type, to be disposed beside it.</returns>
    /// <exception cref="NotSupportedException">The method trained the encoder itself, or what it does is no change of weights, as that of prefixes and bottleneck adapters.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public TextClassificationTransformer MergeAdapter() => Around(Merged());

    private protected abstract override TextClassificationTransformer Around(ITextClassifier classifier);
}

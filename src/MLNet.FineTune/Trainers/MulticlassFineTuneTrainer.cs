using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Fine-tunes a pretrained encoder as a multiclass classifier of texts or pairs of texts.</summary>
/// <inheritdoc cref="MulticlassTextTrainer" path="/remarks"/>
public sealed class MulticlassFineTuneTrainer : MulticlassTextTrainer
{
    internal MulticlassFineTuneTrainer(IHostEnvironment environment, TextClassificationOptions options) : base(environment, options)
    {
    }

    internal override TextClassifier Train(FineTuneTask task) => FineTuner.Fit(task);
}

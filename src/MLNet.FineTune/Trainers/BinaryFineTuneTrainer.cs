using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Fine-tunes a pretrained encoder as a binary classifier of texts or pairs of texts.</summary>
/// <inheritdoc cref="BinaryTextTrainer" path="/remarks"/>
public sealed class BinaryFineTuneTrainer : BinaryTextTrainer
{
    internal BinaryFineTuneTrainer(IHostEnvironment environment, TextClassificationOptions options) : base(environment, options)
    {
    }

    internal override TextClassifier Train(FineTuneTask task) => FineTuner.Fit(task);
}

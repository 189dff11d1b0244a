using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune;

/// <summary>Makes a binary classifier of labelled texts and of texts without labels, which a <see cref="SelfTrainingMethod"/> learns from.</summary>
/// <inheritdoc cref="BinaryTextTrainer" path="/remarks"/>
public sealed class BinarySelfTrainer : BinaryTextTrainer
{
    private readonly SelfTrainingOptions _options;

    internal BinarySelfTrainer(IHostEnvironment environment, SelfTrainingOptions options) : base(environment, options) => _options = options;

    internal override TextClassifier Train(FineTuneTask task) => SelfTrainer.Fit(_options.CreateTask(task));
}

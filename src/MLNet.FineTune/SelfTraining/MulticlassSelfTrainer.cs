using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune;

/// <summary>Makes a multiclass classifier of labelled texts and of texts without labels, which a <see cref="SelfTrainingMethod"/> learns from.</summary>
/// <inheritdoc cref="MulticlassTextTrainer" path="/remarks"/>
public sealed class MulticlassSelfTrainer : MulticlassTextTrainer
{
    private readonly SelfTrainingOptions _options;

    internal MulticlassSelfTrainer(IHostEnvironment environment, SelfTrainingOptions options) : base(environment, options) => _options = options;

    internal override TextClassifier Train(FineTuneTask task) => SelfTrainer.Fit(_options.CreateTask(task));
}

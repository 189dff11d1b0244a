using Microsoft.ML.Runtime;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>
/// Makes a multiclass classifier of few labelled texts: the encoder learns by pairs of texts to tell their classes apart, then a
/// head is fitted on its embeddings (SetFit, Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts", arXiv 2209.11055), and both learn on together (<see cref="SetFitOptions.EndToEnd"/>).
/// </summary>
/// <inheritdoc cref="MulticlassTextTrainer" path="/remarks"/>
public sealed class MulticlassSetFitTrainer : MulticlassTextTrainer
{
    private readonly SetFitOptions _options;

    internal MulticlassSetFitTrainer(IHostEnvironment environment, SetFitOptions options) : base(environment, options) => _options = options;

    internal override TextClassifier Train(FineTuneTask task) => SetFitTuner.Fit(_options.CreateTask(task));
}

using Microsoft.ML.AutoML;
using MLNet.FineTune;

namespace Microsoft.ML;

/// <summary>Fine-tuning in AutoML experiments, as methods of an <see cref="AutoMLExperiment"/>.</summary>
public static class AutoMLCatalog
{
    /// <summary>Lets a tuner of this library decide what the experiment tries. Call it after <c>SetPipeline</c>, which sets a tuner of AutoML's.</summary>
    /// <param name="experiment">The experiment, whose search space and seed the tuner takes when it runs.</param>
    /// <param name="tuner">Decides what to try; null for <see cref="BayesianTuner"/>.</param>
    /// <param name="countParameters">Whether the number of trainable parameters is a second objective besides the loss; needs the trials of <see cref="PeftTrialRunner"/>. AutoML's own choice of the best trial goes by the loss alone.</param>
    /// <returns>The experiment.</returns>
    /// <exception cref="ArgumentException">An option of the tuner is not valid; names it, what was found and what is expected.</exception>
    public static AutoMLExperiment SetFineTuneTuner(this AutoMLExperiment experiment, Tuner? tuner = null, bool countParameters = false)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        tuner ??= new BayesianTuner();
        tuner.Validate();
        return experiment.SetTuner<FineTuneTuner>(services =>
        {
            var settings = (AutoMLExperiment.AutoMLExperimentSettings)services.GetService(typeof(AutoMLExperiment.AutoMLExperimentSettings))!;
            return new FineTuneTuner(settings.SearchSpace, tuner, settings.Seed ?? 0, countParameters);
        });
    }

    /// <summary>Makes fine-tuning the experiment's trials: adds the search space and sets the runner. A tuner is set besides, by <see cref="SetFineTuneTuner"/> for instance.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="runner">The trials.</param>
    /// <returns>The experiment.</returns>
    public static AutoMLExperiment SetPeftTrialRunner(this AutoMLExperiment experiment, PeftTrialRunner runner)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(runner);
        return experiment.AddSearchSpace(runner.SearchSpaceName, runner.SearchSpace).SetTrialRunner(runner);
    }
}

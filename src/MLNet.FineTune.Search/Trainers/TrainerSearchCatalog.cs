using MLNet.FineTune;

namespace Microsoft.ML;

/// <summary>The search over a trainer's options as a method of <c>mlContext.FineTuning()</c>.</summary>
public static class TrainerSearchCatalog
{
    /// <summary>Creates a search over the options of any trainer or pipeline, of this library or ML.NET's own, for one or several objectives.</summary>
    /// <typeparam name="TOptions">The trainer's options.</typeparam>
    /// <param name="catalog">Obtained by <c>mlContext.FineTuning()</c>.</param>
    /// <param name="options">Data, trainer, space, tuner, objectives and budgets.</param>
    /// <returns>The search, to be run.</returns>
    /// <exception cref="ArgumentException">An option is missing or out of range; the message names it, what was found and what is expected.</exception>
    /// <example><code>
    /// var search = ml.FineTuning().CreateSearch(new TrainerSearchOptions&lt;SetFitOptions&gt;
    /// {
    ///     TrainingSet = train,
    ///     Folds = 3,
    ///     CreateTrainer = (context, options) => context.MulticlassClassification.Trainers.SetFit(options),
    ///     Defaults = new SetFitOptions { Sentence1ColumnName = "Text" },
    ///     Space = new ParameterSpaceBuilder().Real("Training.LearningRate", 1e-5, 1e-3, logarithmic: true).Integer("Pairs.Iterations", 5, 40).Build(),
    ///     MaxTrials = 20,
    /// });
    /// using var model = search.Run().Knee().Refit(train) as IDisposable;
    /// </code></example>
    public static TrainerSearch<TOptions> CreateSearch<TOptions>(this FineTuningCatalog catalog, TrainerSearchOptions<TOptions> options) where TOptions : class, new()
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new TrainerSearch<TOptions>((MLContext)catalog.Environment, options);
    }
}

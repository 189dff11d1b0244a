using Microsoft.ML;
using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>Options of a search over the options of any trainer or pipeline, <c>mlContext.FineTuning().CreateSearch</c>.</summary>
/// <typeparam name="TOptions">The trainer's options: a type with a constructor without parameters, such as <see cref="SetFitOptions"/> or <c>LbfgsMaximumEntropyMulticlassTrainer.Options</c>.</typeparam>
public sealed class TrainerSearchOptions<TOptions> : SearchOptions where TOptions : class, new()
{
    /// <summary>Options with their defaults.</summary>
    public TrainerSearchOptions() => Name = "trainer";

    /// <summary>
    /// Makes the trainer, or a pipeline that ends with it, of options. The context is the trial's own: its seed is that of the trial, so that the same trial gives the same
    /// model whatever was tried before, and it is cancelled with the search. A trainer made with another context works too, without either. Cancellation tokens in the options,
    /// such as <c>Training.CancellationToken</c>, are cancelled with the search as well, whatever the context. A fit that heeds neither, as a few of ML.NET's trainers, goes on to its end
    /// before the search ends.
    /// </summary>
    public required Func<MLContext, TOptions, IEstimator<ITransformer>> CreateTrainer { get; set; }

    /// <summary>Gives all options that the space does not vary; it is not changed. A cancellation token in it ends the search, as <see cref="SearchOptions.CancellationToken"/> does.</summary>
    /// <value>The defaults of the type.</value>
    public TOptions Defaults { get; set; } = new();

    /// <summary>What may vary. Parameters set the properties or fields of their name, dots leading into nested ones, such as <c>Training.LearningRate</c>.</summary>
    /// <value>Default <see langword="null"/>: <see cref="ParameterSpace.Of{TOptions}"/>, what the type marks with ML.NET's attributes.</value>
    public ParameterSpace? Space { get; set; }

    /// <summary>
    /// Makes the options of a trial of the point and of the options that already have its values, for parameters that are no properties: returns the latter changed, or others.
    /// The object is the trial's own, and so is each object in it that a parameter's name leads into; other objects are those of <see cref="Defaults"/>, to be replaced rather than changed.
    /// </summary>
    /// <value>Default <see langword="null"/>: every parameter is a property or field.</value>
    public Func<IReadOnlyDictionary<string, object>, TOptions, TOptions>? CreateOptions { get; set; }

    /// <summary>What the search makes as good as it can: one or more, the one that counts most first, each once.</summary>
    /// <value>Default <see cref="TrainerObjective.MicroAccuracy"/>.</value>
    public IReadOnlyList<TrainerObjective> Objectives { get; set; } = [TrainerObjective.MicroAccuracy()];

    /// <summary>The column whose values are spread evenly when rows are set aside or parted into folds: a key, Boolean or text.</summary>
    /// <value>Default <see langword="null"/>: <c>Label</c> where the training set has it and it is of such a type; rows are drawn without regard to it otherwise.</value>
    public string? StratificationColumnName { get; set; }

    /// <summary>The space that is searched.</summary>
    internal ParameterSpace Parameters => Space ?? ParameterSpace.Of<TOptions>();

    private protected override IReadOnlyList<SearchObjective> StudyObjectives => [.. Objectives.Select(objective => objective.ToStudy())];

    internal override void Validate()
    {
        Require(CreateTrainer is not null, nameof(CreateTrainer), null, "what makes a trainer of options");
        Require(Defaults is not null, nameof(Defaults), null, typeof(TOptions).Name);
        Require(Objectives is { Count: > 0 } && Objectives.All(objective => objective is not null), nameof(Objectives), Objectives is null ? null : $"[{string.Join(", ", Objectives.Select(objective => objective?.Name ?? "null"))}]", "one or more");
        base.Validate();
        ParameterSpace space = Parameters;
        if (CreateOptions is null && space.Names.FirstOrDefault(name => !OptionsReflection.Has(typeof(TOptions), name)) is { } unknown)
            throw new ArgumentException($"{nameof(TrainerSearchOptions<TOptions>)}.{nameof(Space)} has a parameter '{unknown}', which is no property or field of {typeof(TOptions).Name} that can be set; expected one, or {nameof(CreateOptions)} to deal with it.", nameof(Space));
        try
        {
            OptionsAt(space.Default);
        }
        catch (Exception e) when (e is InvalidCastException or FormatException or OverflowException)
        {
            throw new ArgumentException($"{nameof(TrainerSearchOptions<TOptions>)}.{nameof(Space)} has a parameter whose values do not fit the property of its name in {typeof(TOptions).Name}: {e.Message}", nameof(Space), e);
        }
    }

    /// <summary>The options that a point stands for.</summary>
    internal TOptions OptionsAt(IReadOnlyDictionary<string, object> point)
    {
        var options = (TOptions)OptionsReflection.Create(typeof(TOptions), Defaults, point);
        return CreateOptions is null ? options : CreateOptions(point, options);
    }
}

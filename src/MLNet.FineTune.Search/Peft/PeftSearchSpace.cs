using MLNet.FineTune.Search;

namespace MLNet.FineTune;

/// <summary>What a search over fine-tuning methods may vary, and what its points stand for.</summary>
public sealed class PeftSearchSpace
{
    private readonly Func<IReadOnlyDictionary<string, object>, PeftMethod> _method;
    private readonly Func<IReadOnlyDictionary<string, object>, TrainingOptions, TrainingOptions> _training;

    private PeftSearchSpace(
        ParameterSpace parameters, Func<IReadOnlyDictionary<string, object>, PeftMethod> method, Func<IReadOnlyDictionary<string, object>, TrainingOptions, TrainingOptions> training) =>
        (Parameters, _method, _training) = (parameters, method, training);

    /// <summary>What may vary.</summary>
    public ParameterSpace Parameters { get; }

    /// <summary>The space of AutoPEFT.</summary>
    /// <exception cref="ArgumentException">An option of the space is not valid.</exception>
    public static PeftSearchSpace Of(AutoPeftSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        return new(space.ToSpace(), space.CreateMethod, space.CreateTraining);
    }

    /// <summary>The options of one method, such as <c>ParameterSpace.Of&lt;Lora&gt;()</c>.</summary>
    /// <typeparam name="TMethod">The method.</typeparam>
    /// <param name="space">Which of its options may vary.</param>
    /// <param name="template">Gives the options that do not; null for the defaults.</param>
    public static PeftSearchSpace Of<TMethod>(ParameterSpace<TMethod> space, TMethod? template = null) where TMethod : PeftMethod, new()
    {
        ArgumentNullException.ThrowIfNull(space);
        return Of(space, parameters => space.Create(parameters, template));
    }

    /// <summary>Any space.</summary>
    /// <param name="space">What may vary.</param>
    /// <param name="createMethod">The method that a point stands for. An exception makes the trial a failed one.</param>
    /// <param name="setTraining">Sets what a point says of the training, in options that are the trial's own; null where it says nothing.</param>
    public static PeftSearchSpace Of(
        ParameterSpace space, Func<IReadOnlyDictionary<string, object>, PeftMethod> createMethod, Action<IReadOnlyDictionary<string, object>, TrainingOptions>? setTraining = null)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(createMethod);
        return new(space, createMethod, (parameters, template) =>
        {
            TrainingOptions training = template.Copy();
            setTraining?.Invoke(parameters, training);
            return training;
        });
    }

    /// <summary>The method that a point stands for.</summary>
    /// <exception cref="ArgumentException">The point is none of the space's.</exception>
    public PeftMethod CreateMethod(IReadOnlyDictionary<string, object> parameters) => _method(parameters);

    /// <summary>The training that a point stands for.</summary>
    /// <param name="parameters">The point.</param>
    /// <param name="template">Gives what the point says nothing about; it is not changed.</param>
    /// <exception cref="ArgumentException">The point is none of the space's.</exception>
    public TrainingOptions CreateTraining(IReadOnlyDictionary<string, object> parameters, TrainingOptions template) => _training(parameters, template);
}

using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using MLNet.FineTune.Search;
using AutoMLSpace = Microsoft.ML.SearchSpace.SearchSpace;

namespace MLNet.FineTune.AutoML;

/// <summary>A space of ours for AutoML: one option a parameter. Conditions and constraints, which AutoML has none of, are kept for our tuners and checked when a point is read.</summary>
internal sealed class PeftOptionSpace : AutoMLSpace
{
    private readonly PeftSearchSpace _space;
    private readonly List<CodedOption> _options = [];

    /// <param name="space">What may vary.</param>
    /// <param name="initial">Defaults in place of the space's own, for parameters that have the value.</param>
    /// <exception cref="ArgumentException">A whole number is too large for AutoML.</exception>
    public PeftOptionSpace(PeftSearchSpace space, IReadOnlyDictionary<string, object> initial)
    {
        _space = space;
        foreach (Dimension dimension in space.Parameters.Dimensions)
        {
            OptionBase option = OptionOf(dimension, initial.TryGetValue(dimension.Name, out object? value) && dimension.UnitOf(value) is { } unit ? unit : dimension.Default);
            Add(dimension.Name, option);
            if (CodedOption.Of(dimension.Name, option, dimension.Ordered) is { } coded)
                _options.Add(coded);
        }
    }

    /// <summary>What may vary, with what AutoML does not know of it.</summary>
    public ParameterSpace Parameters => _space.Parameters;

    /// <summary>The point that AutoML's values stand for.</summary>
    /// <exception cref="ArgumentException">It is none of the space's; names the parameter or constraint.</exception>
    public IReadOnlyDictionary<string, object> Read(Parameter parameter)
    {
        var values = Parameters.Dimensions.Where(dimension => dimension.Count == 1).ToDictionary(dimension => dimension.Name, dimension => dimension.ValueAt(0), StringComparer.Ordinal);
        foreach (CodedOption option in _options)
            if (parameter.TryGetValue(option.Dimension.Name, out Parameter? value))
                values[option.Dimension.Name] = option.Read(value);
        double[] units = Parameters.ToUnits(values);
        IReadOnlyDictionary<string, object> point = Parameters.ToParameters(units);
        return Parameters.Constraints.FirstOrDefault(constraint => !constraint.Allows(point)) is { } broken
            ? throw new ArgumentException($"A point of the search does not meet a constraint of its space: {broken.Description}.", nameof(parameter))
            : point;
    }

    /// <summary>Options with the method and the training that AutoML's values stand for.</summary>
    /// <param name="parameter">The values.</param>
    /// <param name="template">Gives all else, and is not changed.</param>
    /// <exception cref="ArgumentException">The values are none of the space's.</exception>
    public TextClassificationOptions Apply(Parameter parameter, TextClassificationOptions template)
    {
        IReadOnlyDictionary<string, object> point = Read(parameter);
        var options = (TextClassificationOptions)template.Copy();
        options.Peft = _space.CreateMethod(point);
        options.Training = _space.CreateTraining(point, template.Training).Copy();
        return options;
    }

    private static OptionBase OptionOf(Dimension dimension, double initial)
    {
        object lowest = dimension.ValueAt(0), highest = dimension.ValueAt(1), value = dimension.ValueAt(initial);
        return dimension switch
        {
            RealDimension => new UniformDoubleOption((double)lowest, (double)highest, dimension.Logarithmic, (double)value),
            IntegerDimension when lowest.Equals(highest) => new ChoiceOption(lowest),
            IntegerDimension => new UniformIntOption(Whole(dimension, lowest), Whole(dimension, highest), dimension.Logarithmic, Whole(dimension, value)),
            _ => new ChoiceOption([.. Enumerable.Range(0, (int)dimension.Count!).Select(level => dimension.ValueAt(dimension.UnitOfLevel(level)))], value),
        };
    }

    private static int Whole(Dimension dimension, object value) => (long)value is >= int.MinValue and <= int.MaxValue and var whole
        ? (int)whole
        : throw new ArgumentException(FormattableString.Invariant($"'{dimension.Name}' has the value {value}; expected {int.MinValue} to {int.MaxValue}, which is what AutoML takes."));
}

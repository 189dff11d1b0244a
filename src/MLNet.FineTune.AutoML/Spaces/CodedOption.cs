using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using MLNet.FineTune.Search;

namespace MLNet.FineTune.AutoML;

/// <summary>An option of AutoML as a parameter of ours, whose values are written and read as AutoML has them.</summary>
/// <remarks>
/// AutoML goes through coordinates from 0 to 1 and rounds whole numbers and choices down, so that 8 may become 7. Here values are written as
/// they are; coordinates are used in the middle of a choice alone. Values read may lie beyond a bound by as much as AutoML's arithmetic rounds.
/// </remarks>
internal sealed class CodedOption
{
    private readonly Func<object, Parameter> _write;
    private readonly Func<Parameter, object> _read;

    private CodedOption(Dimension dimension, Func<object, Parameter> write, Func<Parameter, object> read) => (Dimension, _write, _read) = (dimension, write, read);

    /// <summary>The parameter; its default is the option's.</summary>
    public Dimension Dimension { get; }

    /// <param name="name">The parameter's name.</param>
    /// <param name="option">A range or a choice.</param>
    /// <param name="ordered">Whether neighbours of a choice are alike, in the order they have; null for choices of numbers, in the order of these.</param>
    /// <returns>Null where there is nothing to choose.</returns>
    /// <exception cref="ArgumentException">The option is of another kind.</exception>
    public static CodedOption? Of(string name, OptionBase option, bool? ordered = null) => option switch
    {
        UniformIntOption range => new(
            new IntegerDimension(name, (long)range.Min, (long)range.Max, range.LogBase, (long)Math.Round(Default(range))),
            value => Parameter.FromInt((int)(long)value),
            parameter => Math.Clamp(parameter.AsType<int>(), (long)range.Min, (long)range.Max)),
        UniformSingleOption range => new(
            new RealDimension(name, range.Min, range.Max, range.LogBase, Default(range)),
            value => Parameter.FromFloat((float)(double)value),
            parameter => Math.Clamp((double)ParameterValues.Normalize(name, parameter.AsType<float>()), range.Min, range.Max)),
        UniformDoubleOption range => new(
            new RealDimension(name, range.Min, range.Max, range.LogBase, Default(range)),
            value => Parameter.FromDouble((double)value),
            parameter => Math.Clamp(parameter.AsType<double>(), range.Min, range.Max)),
        ChoiceOption { FeatureSpaceDim: 0 } => null,
        ChoiceOption choice => OfChoice(name, choice, ordered),
        _ => throw new ArgumentException($"The option '{name}' is a {option.GetType().FullName}; expected a range, a choice or a space."),
    };

    /// <summary>A value of the parameter for AutoML.</summary>
    public Parameter Write(object value) => _write(value);

    /// <summary>AutoML's value for the parameter.</summary>
    /// <exception cref="ArgumentException">It is none of the option's choices.</exception>
    public object Read(Parameter parameter) => _read(parameter);

    private static CodedOption OfChoice(string name, ChoiceOption option, bool? ordered)
    {
        int count = option.Step[0]!.Value;
        Parameter[] choices = [.. Enumerable.Range(0, count).Select(i => option.SampleFromFeatureSpace([(i + 0.5) / count]))];
        object?[] plain = [.. choices.Select(choice => Plain(name, choice))];
        // What is no number, text or Boolean, or not told apart as such, goes by its place.
        object[] labels = plain.Contains(null) || plain.Distinct().Count() < count ? [.. Enumerable.Range(0, count).Select(i => (object)$"#{i}")] : [.. plain.Select(value => value!)];
        bool numbers = labels.All(label => label is long or double);
        object initial = labels[option.Default is [var unit] ? Math.Clamp((int)Math.Round(unit * count), 0, count - 1) : 0];
        object[] values = ordered is null && numbers ? [.. labels.OrderBy(label => ParameterValues.Number(label))] : labels;
        return new(
            new ChoiceDimension(name, values, ordered ?? numbers, initial),
            value => choices[Array.IndexOf(labels, value)],
            parameter => Find(parameter) is >= 0 and var index ? labels[index]
                : throw new ArgumentException(FormattableString.Invariant($"'{name}' is {Plain(name, parameter) ?? "of another kind"}; expected one of {string.Join(", ", labels)}.")));

        int Find(Parameter parameter) => Plain(name, parameter) is not { } value
            ? Array.FindIndex(choices, choice => choice.Equals(parameter))
            : Array.FindIndex(plain, value.Equals);
    }

    /// <summary>A choice's value as one of the exchanged kinds; null where it is none.</summary>
    private static object? Plain(string name, Parameter choice) => choice.AsType<object>() is var value && value is bool or string or int or long or float or double ? ParameterValues.Normalize(name, value) : null;

    /// <summary>The default, which AutoML keeps as a coordinate.</summary>
    private static double Default(UniformNumericOption range)
    {
        double unit = range.Default is [var single] ? single : 0;
        return Math.Clamp(range.LogBase ? range.Min * Math.Pow(range.Max / range.Min, unit) : range.Min + (range.Max - range.Min) * unit, range.Min, range.Max);
    }
}

using System.Globalization;

namespace MLNet.FineTune.Search;

/// <summary>Where values lie on an axis from 0 to 1.</summary>
internal sealed class AxisScale
{
    // From this ratio of the largest to the smallest value on, an axis is logarithmic.
    private const double LogarithmicFrom = 20;

    // The part of an axis of numbers that lies below them where some trials have none.
    private const double AbsentPart = 0.12;

    /// <summary>The label of what a trial has no value for.</summary>
    private const string Absent = "–";

    private readonly Func<object?, double?> _position;

    private AxisScale(Func<object?, double?> position, IReadOnlyList<(double Position, string Label)> ticks)
    {
        _position = position;
        Ticks = ticks;
    }

    /// <summary>Labelled places, ascending.</summary>
    public IReadOnlyList<(double Position, string Label)> Ticks { get; }

    /// <summary>Where a value lies, 0 to 1; null for one that has no place, such as not a number.</summary>
    public double? Position(object? value) => _position(value);

    /// <summary>An axis for what trials have under one name: numbers by size where there are only numbers, else texts side by side, with a place for what is absent.</summary>
    public static AxisScale Of(IReadOnlyCollection<object?> values)
    {
        if (values.All(value => value is null) || !values.All(value => value is null or double or long))
            return OfCategories(values);
        AxisScale numbers = OfNumbers([.. values.Select(ToDouble)]);
        return values.Contains(null) ? numbers.WithAbsent() : numbers;
    }

    /// <summary>An axis of numbers; logarithmic where they span orders of magnitude.</summary>
    public static AxisScale OfNumbers(IReadOnlyCollection<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        if (finite.Length == 0)
            return new AxisScale(_ => null, []);
        double low = finite.Min(), high = finite.Max();
        bool logarithmic = low > 0 && high / low >= LogarithmicFrom;
        double from = Scale(low), length = Scale(high) - from;
        return new AxisScale(
            value => ToDouble(value) is var number && double.IsFinite(number) ? Place(number) : null,
            [.. (logarithmic ? Decades(low, high) : Steps(low, high)).Select(tick => (Place(tick), Markup.Number(tick)))]);

        double Scale(double value) => logarithmic ? Math.Log10(value) : value;

        double Place(double value) => length > 0 ? (Scale(value) - from) / length : 0.5;
    }

    private AxisScale WithAbsent()
    {
        return new AxisScale(
            value => value is null ? 0 : _position(value) is { } position ? Above(position) : null,
            [(0, Absent), .. Ticks.Select(tick => (Above(tick.Position), tick.Label))]);

        static double Above(double position) => AbsentPart + (1 - AbsentPart) * position;
    }

    private static AxisScale OfCategories(IReadOnlyCollection<object?> values)
    {
        string[] labels = [.. values.Select(Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new AxisScale(
            value => Array.BinarySearch(labels, Label(value), StringComparer.Ordinal) is >= 0 and var index ? Place(index) : null,
            [.. labels.Select((label, index) => (Place(index), label))]);

        double Place(int index) => labels.Length > 1 ? index / (labels.Length - 1.0) : 0.5;
    }

    /// <summary>Round numbers at steps of 1, 2 or 5 times a power of ten, about five of them.</summary>
    private static IEnumerable<double> Steps(double low, double high)
    {
        if (low == high)
            return [low];
        double rough = (high - low) / 5, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * (rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
        long first = (long)Math.Ceiling(low / step), last = (long)Math.Floor(high / step);
        return Enumerable.Range(0, (int)(last - first + 1)).Select(index => (first + index) * step);
    }

    /// <summary>Powers of ten, at most nine of them; with their doubles and fives where there would be few.</summary>
    private static IEnumerable<double> Decades(double low, double high)
    {
        int first = (int)Math.Floor(Math.Log10(low)), last = (int)Math.Floor(Math.Log10(high)), stride = 1 + (last - first) / 8;
        double[] factors = last - first < 4 ? [1, 2, 5] : [1];
        for (int exponent = first; exponent <= last; exponent += stride)
            foreach (double factor in factors)
                if (factor * Math.Pow(10, exponent) is var tick && tick >= low && tick <= high)
                    yield return tick;
    }

    private static double ToDouble(object? value) => value is double or long ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : double.NaN;

    private static string Label(object? value) => value is null ? Absent : Markup.Value(value);
}

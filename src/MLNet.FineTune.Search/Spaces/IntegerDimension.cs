namespace MLNet.FineTune.Search;

/// <summary>A whole number from a range, coordinates linear or logarithmic.</summary>
internal sealed class IntegerDimension : Dimension
{
    private readonly long _min, _max;
    private readonly bool _logarithmic;

    public IntegerDimension(string name, long min, long max, bool logarithmic, long? initial) : base(name)
    {
        if (min > max)
            throw new ArgumentException(FormattableString.Invariant($"'{name}' ranges from {min} to {max}; expected the first to be no more than the second."));
        if (logarithmic && min <= 0)
            throw new ArgumentException(FormattableString.Invariant($"'{name}' is logarithmic and begins at {min}; expected a number above 0."));
        (_min, _max, _logarithmic) = (min, max, logarithmic);
        Default = initial is null ? Snap(0.5) : UnitOf(initial) ?? throw new ArgumentException(FormattableString.Invariant($"The default of '{name}' is {initial}; expected {Describe()}."));
    }

    public override long? Count => _max - _min + 1;

    public override bool Logarithmic => _logarithmic;

    public override object ValueAt(double unit) => ValueOf(unit);

    public override double? UnitOf(object value) =>
        ParameterValues.Number(value) is { } number && number >= _min && number <= _max && double.IsInteger(number) ? UnitOfValue((long)number) : null;

    public override double FromUniform(double uniform)
    {
        // Each number's share is its own width, from half below to half above it.
        double low = _min - 0.5, high = _max + 0.5;
        double value = _logarithmic ? low * Math.Pow(high / low, uniform) : low + uniform * (high - low);
        return UnitOfValue(Math.Clamp((long)Math.Round(value), _min, _max));
    }

    public override double Snap(double unit) => UnitOfValue(ValueOf(unit));

    public override double UnitOfLevel(long level) => UnitOfValue(_min + level);

    public override long LevelOf(double unit) => ValueOf(unit) - _min;

    public override string Describe() => FormattableString.Invariant($"a whole number from {_min} to {_max}");

    private long ValueOf(double unit)
    {
        unit = Math.Clamp(unit, 0, 1);
        double value = _logarithmic ? _min * Math.Pow((double)_max / _min, unit) : _min + unit * (_max - _min);
        return Math.Clamp((long)Math.Round(value), _min, _max);
    }

    private double UnitOfValue(long value) =>
        _min == _max ? 0 : _logarithmic ? Math.Log((double)value / _min) / Math.Log((double)_max / _min) : (double)(value - _min) / (_max - _min);
}

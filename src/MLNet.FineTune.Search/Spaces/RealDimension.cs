namespace MLNet.FineTune.Search;

/// <summary>A number from a range, coordinates linear or logarithmic. Values have six significant digits, so that they read well and are the same after a way through text.</summary>
internal sealed class RealDimension : Dimension
{
    private const int Digits = 6;

    private readonly double _min, _max;
    private readonly bool _logarithmic;

    public RealDimension(string name, double min, double max, bool logarithmic, double? initial) : base(name)
    {
        if (!(double.IsFinite(min) && double.IsFinite(max) && min < max))
            throw new ArgumentException(FormattableString.Invariant($"'{name}' ranges from {min} to {max}; expected finite numbers, the first below the second."));
        if (logarithmic && min <= 0)
            throw new ArgumentException(FormattableString.Invariant($"'{name}' is logarithmic and begins at {min}; expected a number above 0."));
        (_min, _max, _logarithmic) = (min, max, logarithmic);
        Default = initial is null ? 0.5 : UnitOf(initial) ?? throw new ArgumentException(FormattableString.Invariant($"The default of '{name}' is {initial}; expected {Describe()}."));
    }

    public override long? Count => null;

    public override bool Logarithmic => _logarithmic;

    public override object ValueAt(double unit) => ValueOf(unit);

    public override double? UnitOf(object value)
    {
        if (ParameterValues.Number(value) is not { } number || !(number >= _min && number <= _max))
            return null;
        return UnitOfValue(number);
    }

    public override double FromUniform(double uniform) => uniform;

    public override double Snap(double unit) => UnitOfValue(ValueOf(unit));

    public override double UnitOfLevel(long level) => throw new NotSupportedException($"'{Name}' has no levels.");

    public override long LevelOf(double unit) => throw new NotSupportedException($"'{Name}' has no levels.");

    public override string Describe() => FormattableString.Invariant($"{_min} to {_max}");

    private double ValueOf(double unit) => unit <= 0 ? _min : unit >= 1 ? _max : Math.Clamp(
        Rounded(_logarithmic ? _min * Math.Pow(_max / _min, unit) : _min + unit * (_max - _min)), _min, _max);

    private double UnitOfValue(double value) => _logarithmic ? Math.Log(value / _min) / Math.Log(_max / _min) : (value - _min) / (_max - _min);

    private static double Rounded(double value)
    {
        if (value == 0)
            return 0;
        int shift = Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        double scale = Math.Pow(10, Math.Abs(shift));
        return shift >= 0 ? Math.Round(value * scale) / scale : Math.Round(value / scale) * scale;
    }
}

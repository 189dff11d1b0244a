namespace MLNet.FineTune.Search;

/// <summary>One of several values, in an order that means something or not.</summary>
internal sealed class ChoiceDimension : Dimension
{
    private readonly object[] _values;

    public ChoiceDimension(string name, IEnumerable<object> values, bool ordered, object? initial) : base(name)
    {
        _values = [.. values.Select(value => ParameterValues.Normalize(name, value))];
        if (_values.Length == 0 || _values.Distinct().Count() < _values.Length)
            throw new ArgumentException($"The values of '{name}' are [{string.Join(", ", _values)}]; expected at least one, each once.");
        Ordered = ordered || _values.Length <= 2;
        Default = initial is null ? 0 : UnitOf(ParameterValues.Normalize(name, initial)) ?? throw new ArgumentException(FormattableString.Invariant($"The default of '{name}' is {initial}; expected {Describe()}."));
    }

    public override long? Count => _values.Length;

    public override bool Ordered { get; }

    public override object ValueAt(double unit) => _values[LevelOf(unit)];

    public override double? UnitOf(object value)
    {
        int level = Array.FindIndex(_values, own => own.Equals(value) || (own is long or double && ParameterValues.Number(own) == ParameterValues.Number(value)));
        return level < 0 ? null : UnitOfLevel(level);
    }

    public override double FromUniform(double uniform) => UnitOfLevel(Math.Min((long)(uniform * _values.Length), _values.Length - 1));

    public override double Snap(double unit) => UnitOfLevel(LevelOf(unit));

    public override double UnitOfLevel(long level) => _values.Length == 1 ? 0 : (double)level / (_values.Length - 1);

    public override long LevelOf(double unit) => (long)Math.Round(Math.Clamp(unit, 0, 1) * (_values.Length - 1));

    public override string Describe() => string.Join(", ", _values.Select(value => FormattableString.Invariant($"{value}")));
}

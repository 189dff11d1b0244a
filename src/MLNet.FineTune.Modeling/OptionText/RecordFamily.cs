using System.Text.Json;

namespace MLNet.FineTune.OptionText;

/// <summary>Options records of one base that have a text form; <see cref="RecordParser"/> reads it, <see cref="RecordWriter"/> writes it.</summary>
/// <param name="noun">What one is called in messages, for instance <c>method</c>.</param>
/// <param name="byName">The records' types, which all have a constructor without parameters, by their names.</param>
/// <param name="json">How values without a notation of their own are written.</param>
/// <param name="others">Families whose records are options of this one's.</param>
internal abstract class RecordFamily(string noun, IReadOnlyDictionary<string, Type> byName, JsonSerializerOptions json, IReadOnlyList<RecordFamily> others)
{
    public string Noun => noun;

    public IReadOnlyDictionary<string, Type> ByName => byName;

    public JsonSerializerOptions Json => json;

    /// <summary>Whether several records between bars are one.</summary>
    public abstract bool HasUnion { get; }

    protected abstract Type Base { get; }

    /// <summary>The name of a record.</summary>
    public abstract string NameOf(object record);

    /// <summary>Checks the options of a record.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public abstract void Validate(object record);

    /// <summary>What several records between bars are.</summary>
    public abstract object Unite(IReadOnlyList<object> records);

    /// <summary>The family of the records that an option of this type holds; null where it holds none.</summary>
    public RecordFamily? Of(Type option) => Base.IsAssignableFrom(option) ? this : others.FirstOrDefault(other => other.Base.IsAssignableFrom(option));
}

/// <summary>A family by the type of its base.</summary>
/// <param name="noun">See <see cref="RecordFamily"/>.</param>
/// <param name="byName">As there.</param>
/// <param name="nameOf">The name of a record.</param>
/// <param name="validate">Checks the options of a record; throws <see cref="ArgumentException"/>.</param>
/// <param name="json">How values without a notation of their own are written.</param>
/// <param name="union">What several between bars are; null where that has no meaning.</param>
/// <param name="others">Families whose records are options of this one's.</param>
internal sealed class RecordFamily<T>(
    string noun, IReadOnlyDictionary<string, Type> byName, Func<T, string> nameOf, Action<T> validate, JsonSerializerOptions json, Func<T[], T>? union = null, params IReadOnlyList<RecordFamily> others)
    : RecordFamily(noun, byName, json, others) where T : class
{
    public override bool HasUnion => union is not null;

    protected override Type Base => typeof(T);

    /// <exception cref="FormatException">The text is not of the form, or what it names is not known.</exception>
    public T Parse(string text) => (T)RecordParser.Parse(text, this);

    /// <summary>The name, and the options that differ from their defaults in brackets.</summary>
    public string Format(T record) => RecordWriter.Write(record, this);

    public override string NameOf(object record) => nameOf((T)record);

    public override void Validate(object record) => validate((T)record);

    public override object Unite(IReadOnlyList<object> records) => union!([.. records.Cast<T>()]);
}

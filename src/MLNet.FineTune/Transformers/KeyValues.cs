using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Data.IO;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Transformers;

/// <summary>The values behind a label key's numbers: its KeyValues annotation, of text or any other primitive type.</summary>
internal abstract class KeyValues
{
    public abstract VectorDataViewType Type { get; }

    /// <summary>The values as text, in the order of the key.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>Reads the annotation, or gives null when the column has none of a value for each key.</summary>
    public static KeyValues? Read(DataViewSchema.Column label, int count)
    {
        DataViewSchema.Column? annotation = label.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues);
        if (annotation?.Type is not VectorDataViewType type || type.Size != count)
            return null;
        KeyValues values = Create(type);
        values.ReadFrom(label.Annotations);
        return values;
    }

    /// <summary>Values that are texts.</summary>
    public static KeyValues OfTexts(IReadOnlyList<string> texts)
    {
        KeyValues values = Create(new VectorDataViewType(TextDataViewType.Instance, texts.Count));
        values.Set(new VBuffer<ReadOnlyMemory<char>>(texts.Count, [.. texts.Select(text => text.AsMemory())]));
        return values;
    }

    /// <summary>Adds the values as an annotation.</summary>
    public abstract void AddTo(DataViewSchema.Annotations.Builder annotations, string kind);

    /// <summary>Writes type and values in ML.NET's binary encoding.</summary>
    public abstract void Write(IHostEnvironment environment, Stream stream);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">The encoding is none ML.NET knows.</exception>
    public static KeyValues Load(IHostEnvironment environment, Stream stream)
    {
        var saver = new BinarySaver(environment, new BinarySaver.Arguments());
        if (!saver.TryLoadTypeAndValue(stream, out DataViewType type, out object value) || type is not VectorDataViewType vector)
            throw new FormatException("The values of the label's key are of a type that this version of ML.NET does not know.");
        KeyValues values = Create(vector);
        values.Set(value);
        return values;
    }

    protected abstract void ReadFrom(DataViewSchema.Annotations annotations);

    protected abstract void Set(object values);

    private static KeyValues Create(VectorDataViewType type) =>
        (KeyValues)Activator.CreateInstance(typeof(KeyValues<>).MakeGenericType(type.ItemType.RawType), type)!;
}

/// <inheritdoc/>
internal sealed class KeyValues<T>(VectorDataViewType type) : KeyValues
{
    private VBuffer<T> _values;

    public override VectorDataViewType Type => type;

    public override IReadOnlyList<string> Names => [.. _values.DenseValues().Select(Text)];

    public override void AddTo(DataViewSchema.Annotations.Builder annotations, string kind) =>
        annotations.Add(kind, type, (ref VBuffer<T> value) => _values.CopyTo(ref value));

    public override void Write(IHostEnvironment environment, Stream stream)
    {
        var saver = new BinarySaver(environment, new BinarySaver.Arguments());
        if (!saver.TryWriteTypeAndValue(stream, type, ref _values, out _))
            throw new NotSupportedException($"ML.NET cannot save key values of type {type.ItemType}; map the label to a key of text or numbers.");
    }

    protected override void ReadFrom(DataViewSchema.Annotations annotations) =>
        annotations.GetValue(AnnotationUtils.Kinds.KeyValues, ref _values);

    protected override void Set(object values) => _values = (VBuffer<T>)values;

    private static string Text(T value) =>
        value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString() ?? "";
}

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Transformers;

/// <summary>What the classes are called: the label's key type with the values behind it, or false and true, or the slots of a label that says for each class whether a row has it.</summary>
internal sealed class ClassLabels
{
    /// <summary>Labels are compared as <see cref="float"/> by ML.NET's evaluators, exact up to this number.</summary>
    public const int MaximumCount = 1 << 24;

    private readonly Lazy<IReadOnlyList<string>> _names;

    public ClassLabels(KeyDataViewType keyType, KeyValues? values)
    {
        KeyType = keyType;
        Values = values;
        Count = checked((int)keyType.Count);
        _names = new(() => values?.Names ?? [.. Enumerable.Range(1, Count).Select(key => key.ToString(CultureInfo.InvariantCulture))]);
    }

    private ClassLabels(IReadOnlyList<string> names)
    {
        Count = names.Count;
        _names = new(() => names);
    }

    /// <summary>The two classes of a binary label.</summary>
    public static ClassLabels Boolean { get; } = new([bool.FalseString, bool.TrueString]);

    /// <summary>In place of classes, the one score where a number is predicted.</summary>
    public static ClassLabels Number { get; } = new([DefaultColumnNames.Score]);

    /// <summary>In place of classes, the two scores of a token where answers are looked for.</summary>
    public static ClassLabels AnswerEnds { get; } = new(["Start", "End"]);

    /// <summary>Type of the label column, and of the predicted label; null for a label that is no key.</summary>
    public KeyDataViewType? KeyType { get; }

    /// <summary>The key's values; null when the key has none.</summary>
    public KeyValues? Values { get; }

    /// <summary>The key's cardinality, whichever of its values occur in the data; or the number of slots.</summary>
    public int Count { get; }

    /// <summary>The key's values as text, or the key numbers where it has none; or the names of the slots.</summary>
    public IReadOnlyList<string> Names => _names.Value;

    public static ClassLabels FromKey(DataViewSchema.Column label, KeyDataViewType type) => new(type, KeyValues.Read(label, (int)type.Count));

    /// <summary>Classes that have names, as the values of a key.</summary>
    public static ClassLabels OfTexts(IReadOnlyList<string> names) => new(new KeyDataViewType(typeof(uint), names.Count), KeyValues.OfTexts(names));

    /// <summary>The classes of a vector with a slot for each.</summary>
    public static ClassLabels OfSlots(IReadOnlyList<string> names) => new(names);

    /// <summary>The classes of such a column: its slot names, or the numbers of the slots, from zero, where a slot has none.</summary>
    public static ClassLabels FromSlots(DataViewSchema.Column label, int count)
    {
        VBuffer<ReadOnlyMemory<char>> names = new(count, new ReadOnlyMemory<char>[count]);
        if (label.HasSlotNames())
            label.GetSlotNames(ref names);
        return new([.. names.DenseValues().Select((name, slot) => name.IsEmpty ? slot.ToString(CultureInfo.InvariantCulture) : name.ToString())]);
    }

    /// <summary>The shape of a label column with these classes.</summary>
    public SchemaShape.Column Shape(string name)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        Values?.AddTo(annotations, AnnotationUtils.Kinds.KeyValues);
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(name, (DataViewType?)KeyType ?? BooleanDataViewType.Instance, annotations.ToAnnotations());
        return SchemaShape.Create(schema.ToSchema())[0];
    }

    /// <summary>Adds the class names as slot names.</summary>
    public void AddSlotNames(DataViewSchema.Annotations.Builder annotations) =>
        annotations.AddSlotNames(Count, (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, Count);
            for (int i = 0; i < Count; i++)
                editor.Values[i] = Names[i].AsMemory();
            value = editor.Commit();
        });

    /// <summary>Whether two labels mean the same by every number.</summary>
    public bool SameAs(ClassLabels other) =>
        Count == other.Count && KeyType?.RawType == other.KeyType?.RawType && Names.SequenceEqual(other.Names, StringComparer.Ordinal);
}

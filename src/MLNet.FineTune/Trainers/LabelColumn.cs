using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Trainers;

/// <summary>The label column of one schema: its classes, and how a row's label is read.</summary>
internal sealed class LabelColumn
{
    /// <summary>What a missing label (key 0, or NaN) is read as.</summary>
    public const int Missing = -1;

    private const string Role = "label";

    private delegate int[]? SetReader<T>(ReadOnlySpan<T> values);

    private LabelColumn(DataViewSchema.Column column, ClassLabels classes)
    {
        Column = column;
        Classes = classes;
    }

    public DataViewSchema.Column Column { get; }

    public ClassLabels Classes { get; }

    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or its type is not a label of the task.</exception>
    public static LabelColumn Bind(DataViewSchema schema, string name, ClassificationTask task, string parameter)
    {
        DataViewSchema.Column column = SchemaError.Find(schema, parameter, Role, name);
        return new LabelColumn(column, task switch
        {
            ClassificationTask.Multiclass => Multiclass(column, parameter),
            ClassificationTask.Binary => Binary(column, parameter),
            ClassificationTask.Regression => Number(column, parameter),
            ClassificationTask.Tagging => Tags(column, parameter),
            _ => MultiLabel(column, parameter),
        });
    }

    /// <summary>A function that reads the label of the row's current position: 0-based, or <see cref="Missing"/>.</summary>
    public Func<int> MakeReader(DataViewRow row)
    {
        switch (Column.Type)
        {
            case KeyDataViewType:
                ValueGetter<ulong> key = RowCursorUtils.GetGetterAs<ulong>(NumberDataViewType.UInt64, row, Column.Index);
                ulong number = 0;
                return () =>
                {
                    key(ref number);
                    return number == 0 || number > (ulong)Classes.Count ? Missing : (int)number - 1;
                };
            case BooleanDataViewType:
                ValueGetter<bool> truth = row.GetGetter<bool>(Column);
                bool value = false;
                return () =>
                {
                    truth(ref value);
                    return value ? 1 : 0;
                };
            default:
                ValueGetter<double> real = RowCursorUtils.GetGetterAs<double>(NumberDataViewType.Double, row, Column.Index);
                double signed = 0;
                return () =>
                {
                    real(ref signed);
                    return double.IsNaN(signed) ? Missing : signed > 0 ? 1 : 0;
                };
        }
    }

    /// <summary>A function that reads the number of the row's current position; not a number where it is missing.</summary>
    public Func<float> MakeNumberReader(DataViewRow row)
    {
        ValueGetter<float> getter = RowCursorUtils.GetGetterAs<float>(NumberDataViewType.Single, row, Column.Index);
        float number = 0;
        return () =>
        {
            getter(ref number);
            return number;
        };
    }

    /// <summary>A function that reads the label of each word of the row's current position: 0-based, or <see cref="Missing"/>.</summary>
    public Func<int[]> MakeTagReader(DataViewRow row)
    {
        ValueGetter<VBuffer<ulong>> getter = RowCursorUtils.GetVecGetterAs<ulong>(NumberDataViewType.UInt64, row, Column.Index);
        VBuffer<ulong> keys = default;
        return () =>
        {
            getter(ref keys);
            return [.. keys.DenseValues().Select(key => key == 0 || key > (ulong)Classes.Count ? Missing : (int)key - 1)];
        };
    }

    /// <summary>A function that reads the labels of the row's current position: 0-based and ascending, or null where they are not known.</summary>
    public Func<int[]?> MakeSetReader(DataViewRow row)
    {
        if (Classes.KeyType is not null)
            return MakeSetReader(row, NumberDataViewType.UInt64, (ReadOnlySpan<ulong> keys) => [.. keys.ToArray().Where(key => key != 0 && key <= (ulong)Classes.Count).Select(key => (int)key - 1).Distinct().Order()]);
        return Column.Type is VectorDataViewType { ItemType: BooleanDataViewType }
            ? MakeSetReader(row, BooleanDataViewType.Instance, (ReadOnlySpan<bool> slots) => Slots(slots, slot => slot))
            : MakeSetReader(row, NumberDataViewType.Double, (ReadOnlySpan<double> slots) => Slots(slots, double.IsNaN).Length > 0 ? null : Slots(slots, slot => slot > 0));
    }

    private Func<int[]?> MakeSetReader<T>(DataViewRow row, PrimitiveDataViewType type, SetReader<T> read)
    {
        ValueGetter<VBuffer<T>> getter = RowCursorUtils.GetVecGetterAs<T>(type, row, Column.Index);
        VBuffer<T> values = default;
        return () =>
        {
            getter(ref values);
            return read([.. values.DenseValues()]);
        };
    }

    private static int[] Slots<T>(ReadOnlySpan<T> slots, Func<T, bool> holds)
    {
        var set = new List<int>();
        for (int slot = 0; slot < slots.Length; slot++)
            if (holds(slots[slot]))
                set.Add(slot);
        return [.. set];
    }

    private static ClassLabels Multiclass(DataViewSchema.Column column, string parameter)
    {
        if (column.Type is not KeyDataViewType key)
            throw SchemaError.WrongType(parameter, Role, column.Name, "a key", column.Type.ToString()!, Remedy(column.Type, column.Name));
        return key.Count >= 2 ? FromKey(column, key, parameter)
            : throw SchemaError.WrongType(parameter, Role, column.Name, "a key of at least two values", $"{key}, a key of {key.Count}", "A classifier needs two classes or more.");
    }

    private static ClassLabels MultiLabel(DataViewSchema.Column column, string parameter) => column.Type switch
    {
        VectorDataViewType { ItemType: KeyDataViewType key } => FromKey(column, key, parameter),
        VectorDataViewType { IsKnownSize: true } vector when IsIndicator(vector.ItemType) => ClassLabels.FromSlots(column, vector.Size),
        _ => throw SchemaError.WrongType(parameter, Role, column.Name, MultiLabelTypes, column.Type.ToString()!, MultiLabelRemedy(column.Name)),
    };

    private static ClassLabels FromKey(DataViewSchema.Column column, KeyDataViewType key, string parameter) => key.Count <= ClassLabels.MaximumCount
        ? ClassLabels.FromKey(column, key)
        : throw SchemaError.WrongType(parameter, Role, column.Name, $"a key of at most {ClassLabels.MaximumCount} values", key.ToString(), "A key made by hashing has more values than classes: append MapValueToKey instead.");

    private static ClassLabels Binary(DataViewSchema.Column column, string parameter) => column.Type switch
    {
        BooleanDataViewType => ClassLabels.Boolean,
        KeyDataViewType { Count: 2 } => ClassLabels.Boolean,
        NumberDataViewType number when number == NumberDataViewType.Single || number == NumberDataViewType.Double => ClassLabels.Boolean,
        _ => throw SchemaError.WrongType(parameter, Role, column.Name, "Boolean (or Single, Double, or a key of two values)", column.Type.ToString()!,
            column.Type is KeyDataViewType ? "Use MulticlassClassification for more than two classes." : "Convert it to Boolean, for instance with MapValue."),
    };

    private static ClassLabels Number(DataViewSchema.Column column, string parameter) => TextClassificationSchema.IsWeight(column.Type) ? ClassLabels.Number
        : throw SchemaError.WrongType(parameter, Role, column.Name, NumberTypes, column.Type.ToString()!, NumberRemedy(column.Name));

    private static ClassLabels Tags(DataViewSchema.Column column, string parameter) => column.Type is VectorDataViewType { ItemType: KeyDataViewType key }
        ? FromKey(column, key, parameter)
        : throw SchemaError.WrongType(parameter, Role, column.Name, TagTypes, column.Type.ToString()!, TagRemedy(column.Name));

    /// <summary>What the labels of words must be, in messages.</summary>
    public const string TagTypes = "a vector of keys, one for each word";

    /// <summary>What makes such a column.</summary>
    public static string TagRemedy(string name) => $"Append mlContext.Transforms.Conversion.MapValueToKey(\"{name}\") before the trainer; where the labels are one text, append mlContext.Transforms.Text.TokenizeIntoWords(\"{name}\") before that.";

    /// <summary>What a number to predict must be, in messages.</summary>
    public const string NumberTypes = "Single or Double";

    /// <summary>What makes such a column.</summary>
    public static string NumberRemedy(string name) => $"Append mlContext.Transforms.Conversion.ConvertType(\"{name}\") before the trainer, or use MulticlassClassification for classes.";

    /// <summary>Whether a vector of the type can say for each class whether a row has it.</summary>
    public static bool IsIndicator(DataViewType item) => item is BooleanDataViewType || item == NumberDataViewType.Single || item == NumberDataViewType.Double;

    /// <summary>What a label of several classes must be, in messages.</summary>
    public const string MultiLabelTypes = "a vector of keys, or a vector of known size of Boolean, Single or Double";

    /// <summary>What makes such a column.</summary>
    public static string MultiLabelRemedy(string name) =>
        $"Where the labels are text such as \"joy,surprise\", append mlContext.Transforms.Text.TokenizeIntoWords(\"{name}\", separators: [',']) and mlContext.Transforms.Conversion.MapValueToKey(\"{name}\") before the trainer.";

    /// <summary>What turns a column of that type into a label key.</summary>
    public static string Remedy(DataViewType type, string name) => type is VectorDataViewType
        ? "A label is one value a row, not a vector."
        : $"Append MapValueToKey before the trainer: mlContext.Transforms.Conversion.MapValueToKey(\"{name}\").";
}

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
        return new LabelColumn(column, task == ClassificationTask.Multiclass ? Multiclass(column, parameter) : Binary(column, parameter));
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

    private static ClassLabels Multiclass(DataViewSchema.Column column, string parameter)
    {
        if (column.Type is not KeyDataViewType key)
            throw SchemaError.WrongType(parameter, Role, column.Name, "a key", column.Type.ToString()!, Remedy(column.Type, column.Name));
        return key.Count switch
        {
            < 2 => throw SchemaError.WrongType(parameter, Role, column.Name, "a key of at least two values", $"{key}, a key of {key.Count}", "A classifier needs two classes or more."),
            > ClassLabels.MaximumCount => throw SchemaError.WrongType(parameter, Role, column.Name, $"a key of at most {ClassLabels.MaximumCount} values", key.ToString(), "A key made by hashing has more values than classes: append MapValueToKey instead."),
            _ => ClassLabels.FromKey(column, key),
        };
    }

    private static ClassLabels Binary(DataViewSchema.Column column, string parameter) => column.Type switch
    {
        BooleanDataViewType => ClassLabels.Boolean,
        KeyDataViewType { Count: 2 } => ClassLabels.Boolean,
        NumberDataViewType number when number == NumberDataViewType.Single || number == NumberDataViewType.Double => ClassLabels.Boolean,
        _ => throw SchemaError.WrongType(parameter, Role, column.Name, "Boolean (or Single, Double, or a key of two values)", column.Type.ToString()!,
            column.Type is KeyDataViewType ? "Use MulticlassClassification for more than two classes." : "Convert it to Boolean, for instance with MapValue."),
    };

    /// <summary>What turns a column of that type into a label key.</summary>
    public static string Remedy(DataViewType type, string name) => type is VectorDataViewType
        ? "A label is one value a row, not a vector."
        : $"Append MapValueToKey before the trainer: mlContext.Transforms.Conversion.MapValueToKey(\"{name}\").";
}

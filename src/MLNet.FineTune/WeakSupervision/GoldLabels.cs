using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.WeakSupervision;

/// <summary>A column of true labels beside votes: keys or texts, matched with the classes by name, or numbers of classes from zero.</summary>
internal sealed class GoldLabels
{
    private const string Role = "label";
    private const string Parameter = "labelColumnName";

    private readonly string[] _classNames;
    private readonly int[]? _classOfKey;

    private GoldLabels(DataViewSchema.Column column, string[] classNames, int[]? classOfKey) => (Column, _classNames, _classOfKey) = (column, classNames, classOfKey);

    public DataViewSchema.Column Column { get; }

    /// <exception cref="ArgumentOutOfRangeException">The column is missing, has the wrong type, or is a key of other values than the classes.</exception>
    public static GoldLabels Bind(DataViewSchema schema, string name, string[] classNames)
    {
        DataViewSchema.Column column = SchemaError.Find(schema, Parameter, Role, name);
        return column.Type switch
        {
            KeyDataViewType key => new GoldLabels(column, classNames, ClassOfKey(column, key, classNames)),
            TextDataViewType or NumberDataViewType => new GoldLabels(column, classNames, null),
            _ => throw SchemaError.WrongType(Parameter, Role, name, "a key, text or a number", column.Type.ToString()!),
        };
    }

    /// <summary>A function that reads the class of the row's current position, −1 where the label is missing.</summary>
    public Func<int> MakeReader(DataViewRow row)
    {
        if (_classOfKey is not null)
        {
            ValueGetter<ulong> key = RowCursorUtils.GetGetterAs<ulong>(NumberDataViewType.UInt64, row, Column.Index);
            ulong number = 0;
            return () =>
            {
                key(ref number);
                return number == 0 || number > (ulong)_classOfKey.Length ? LabelColumn.Missing : _classOfKey[number - 1];
            };
        }
        if (Column.Type is TextDataViewType)
        {
            ValueGetter<ReadOnlyMemory<char>> text = row.GetGetter<ReadOnlyMemory<char>>(Column);
            ReadOnlyMemory<char> name = default;
            return () =>
            {
                text(ref name);
                return name.IsEmpty ? LabelColumn.Missing : Array.IndexOf(_classNames, name.ToString()) is var found and >= 0 ? found : throw NoClass($"'{name}'", row.Position);
            };
        }
        ValueGetter<double> real = RowCursorUtils.GetGetterAs<double>(NumberDataViewType.Double, row, Column.Index);
        double value = 0;
        return () =>
        {
            real(ref value);
            if (double.IsNaN(value) || value == LabelColumn.Missing)
                return LabelColumn.Missing;
            return value >= 0 && value < _classNames.Length && value == Math.Floor(value) ? (int)value : throw NoClass(value.ToString(CultureInfo.InvariantCulture), row.Position);
        };
    }

    private static int[] ClassOfKey(DataViewSchema.Column column, KeyDataViewType key, string[] classNames)
    {
        if (key.Count > ClassLabels.MaximumCount)
            throw SchemaError.WrongType(Parameter, Role, column.Name, $"a key of at most {ClassLabels.MaximumCount} values", key.ToString());
        if (KeyValues.Read(column, (int)key.Count) is not { } values)
            return [.. Enumerable.Range(0, (int)key.Count).Select(i => i < classNames.Length ? i : throw Other((i + 1).ToString(CultureInfo.InvariantCulture)))];
        return [.. values.Names.Select(name => Array.IndexOf(classNames, name) is var found and >= 0 ? found : throw Other(name))];

        ArgumentOutOfRangeException Other(string value) =>
            SchemaError.WrongType(Parameter, Role, column.Name, $"a key of the classes {VoteClasses.List(classNames)}", $"a key that has the value '{value}'");
    }

    private InvalidOperationException NoClass(string found, long row) => new(
        $"The label in row {row} (counted from 0), column '{Column.Name}', is {found}; expected {(Column.Type is TextDataViewType ? $"one of the classes {VoteClasses.List(_classNames)}" : $"a class from 0 to {_classNames.Length - 1}, or −1")} or nothing.");
}

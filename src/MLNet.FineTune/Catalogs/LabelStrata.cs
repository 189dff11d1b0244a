using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Catalogs;

/// <summary>The class of each row of data, for splits that keep the share of each.</summary>
internal static class LabelStrata
{
    /// <summary>Whether a column has classes rather than measurements.</summary>
    public static bool HasClasses(DataViewType type) => type is KeyDataViewType or BooleanDataViewType or TextDataViewType;

    /// <summary>Numbers of the values of a column, in the order in which they first come up; all rows are of one class without a column.</summary>
    /// <param name="data">The data.</param>
    /// <param name="column">A key, Boolean or text; null for none.</param>
    /// <param name="checkAlive">Polled; throws to stop.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or has another type.</exception>
    public static int[] Read(IDataView data, string? column, Action checkAlive)
    {
        if (column is null)
        {
            int count = 0;
            using DataViewRowCursor rows = data.GetRowCursor([]);
            for (; rows.MoveNext(); count++)
                checkAlive();
            return new int[count];
        }
        DataViewSchema.Column found = SchemaError.Find(data.Schema, nameof(data), "label", column);
        return found.Type switch
        {
            KeyDataViewType => Read(data, found, KeyGetter, checkAlive),
            BooleanDataViewType => Read(data, found, Getter<bool>, checkAlive),
            TextDataViewType => Read(data, found, TextGetter, checkAlive),
            _ => throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column}' is {found.Type}; expected a key, Boolean or text, whose values are spread evenly, or null."),
        };
    }

    private static int[] Read<T>(IDataView data, DataViewSchema.Column column, Func<DataViewRow, DataViewSchema.Column, Func<T>> getter, Action checkAlive) where T : notnull
    {
        var numbers = new Dictionary<T, int>();
        var labels = new List<int>();
        using DataViewRowCursor rows = data.GetRowCursor([column]);
        Func<T> value = getter(rows, column);
        while (rows.MoveNext())
        {
            checkAlive();
            T current = value();
            if (!numbers.TryGetValue(current, out int number))
                numbers.Add(current, number = numbers.Count);
            labels.Add(number);
        }
        return [.. labels];
    }

    private static Func<T> Getter<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        return () =>
        {
            T value = default!;
            getter(ref value);
            return value;
        };
    }

    private static Func<string> TextGetter(DataViewRow row, DataViewSchema.Column column)
    {
        Func<ReadOnlyMemory<char>> getter = Getter<ReadOnlyMemory<char>>(row, column);
        return () => getter().ToString();
    }

    private static Func<ulong> KeyGetter(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<ulong> getter = RowCursorUtils.GetGetterAs<ulong>(NumberDataViewType.UInt64, row, column.Index);
        return () =>
        {
            ulong value = 0;
            getter(ref value);
            return value;
        };
    }
}

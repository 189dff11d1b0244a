using System.Reflection;
using Microsoft.ML;

namespace MLNet.FineTune.Search;

/// <summary>Reads columns for the work that it takes to make them.</summary>
internal static class RowReader
{
    private static readonly MethodInfo Method = typeof(RowReader).GetMethod(nameof(ReaderOf), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>Reads every value of the columns.</summary>
    /// <returns>The number of rows.</returns>
    public static int Read(IDataView rows, IEnumerable<DataViewSchema.Column> columns)
    {
        DataViewSchema.Column[] read = [.. columns];
        using DataViewRowCursor cursor = rows.GetRowCursor(read);
        Action[] readers = [.. read.Select(column => (Action)Method.MakeGenericMethod(column.Type.RawType).Invoke(null, [cursor, column])!)];
        int count = 0;
        for (; cursor.MoveNext(); count++)
            foreach (Action reader in readers)
                reader();
        return count;
    }

    private static Action ReaderOf<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () => getter(ref value);
    }
}

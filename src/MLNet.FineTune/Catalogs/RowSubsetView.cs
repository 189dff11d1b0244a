using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Catalogs;

/// <summary>Some of the rows of data, by their position and in its order.</summary>
/// <param name="host">Provides channels for cursors.</param>
/// <param name="source">The data; it must give its rows in the same order each time.</param>
/// <param name="rows">Positions from 0, ascending.</param>
internal sealed class RowSubsetView(IHost host, IDataView source, int[] rows) : IDataView
{
    private readonly HashSet<long> _rows = [.. rows.Select(row => (long)row)];

    public DataViewSchema Schema => source.Schema;

    /// <summary>Rows are found by position.</summary>
    public bool CanShuffle => false;

    public long? GetRowCount() => rows.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
            active[column.Index] = true;
        return new Cursor(host, source.GetRowCursor(columnsNeeded), Schema, active, _rows);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(IHost host, DataViewRowCursor input, DataViewSchema schema, bool[] active, HashSet<long> rows)
        : LinkedRowFilterCursorBase(host, input, schema, active)
    {
        protected override bool Accept() => rows.Contains(Input.Position);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Input.GetGetter<TValue>(column);
    }
}

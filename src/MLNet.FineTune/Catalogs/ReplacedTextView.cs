using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Catalogs;

/// <summary>Data in which the texts of one column are others, given in the order of the rows.</summary>
internal sealed class ReplacedTextView(IHost host, IDataView source, string column, IReadOnlyList<string> texts) : IDataView
{
    private readonly int _column = source.Schema[column].Index;

    public DataViewSchema Schema => source.Schema;

    /// <summary>The replacements are found by position.</summary>
    public bool CanShuffle => false;

    public long? GetRowCount() => texts.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(host, source.GetRowCursor(columnsNeeded), _column, texts);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(IHost host, DataViewRowCursor input, int replaced, IReadOnlyList<string> texts) : SynchronizedCursorBase(host, input)
    {
        public override DataViewSchema Schema => Input.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (column.Index != replaced)
                return Input.GetGetter<TValue>(column);
            ValueGetter<ReadOnlyMemory<char>> getter = (ref ReadOnlyMemory<char> text) => text = texts[(int)Position].AsMemory();
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' holds text; its values cannot be read as {typeof(TValue)}.");
        }
    }
}

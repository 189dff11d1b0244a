using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Pretraining;

/// <summary>Chosen rows of a data view, in its order, with their similarity as one more column; what they hold is read from the view when it is asked for.</summary>
internal sealed class SelectedRowsView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly SelectedRows _selected;

    public SelectedRowsView(IHost host, IDataView source, SelectedRows selected, string similarityColumnName)
    {
        (_host, _source, _selected) = (host, source, selected);
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(source.Schema);
        schema.AddColumn(similarityColumnName, NumberDataViewType.Single);
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    /// <summary>Rows are found by position.</summary>
    public bool CanShuffle => false;

    public long? GetRowCount() => _selected.Rows.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
            active[column.Index] = true;
        return new Cursor(_host, this, _source.GetRowCursor(_source.Schema.Where(column => active[column.Index])), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(IHost host, SelectedRowsView view, DataViewRowCursor input, bool[] active) : RootCursorBase(host)
    {
        private long _row = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Batch => input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (column.Index >= active.Length || !active[column.Index])
                throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' is not active in this cursor; name it when the cursor is made.");
            if (column.Index < view._source.Schema.Count)
                return input.GetGetter<TValue>(view._source.Schema[column.Index]);
            ValueGetter<float> getter = (ref float similarity) => similarity = view._selected.Similarities[Position];
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' holds Single; its values cannot be read as {typeof(TValue)}.");
        }

        protected override bool MoveNextCore()
        {
            long next = Position + 1;
            if (next >= view._selected.Rows.Length)
                return false;
            while (_row < view._selected.Rows[next])
            {
                if (!input.MoveNext())
                    throw new InvalidOperationException($"The data ended after {_row + 1} rows; it had {view._selected.Rows[next] + 1} at least when rows were selected from it. Select from data that can be read again, for instance cached.");
                _row++;
            }
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}

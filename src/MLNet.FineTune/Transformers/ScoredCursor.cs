using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Transformers;

/// <summary>Serves row by row what a <see cref="ReadAheadWindow"/> scored together.</summary>
internal sealed class ScoredCursor : RootCursorBase
{
    private readonly DataViewRowCursor _input;
    private readonly ReadAheadWindow _window;
    private readonly ColumnBindings _bindings;
    private readonly bool[] _active;
    private readonly Delegate?[] _outputs;

    public ScoredCursor(IHost host, DataViewSchema schema, DataViewRowCursor input, ReadAheadWindow window, ColumnBindings bindings, bool[] active, Delegate?[] outputs)
        : base(host)
    {
        Schema = schema;
        _input = input;
        _window = window;
        _bindings = bindings;
        _active = active;
        _outputs = outputs;
    }

    public override DataViewSchema Schema { get; }

    public override long Batch => _window.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<DataViewRowId> GetIdGetter() => _window.MakeIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (column.Index >= _active.Length || !_active[column.Index])
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' is not active in this cursor; name it when the cursor is made.");
        int index = _bindings.MapColumnIndex(out bool fromInput, column.Index);
        Delegate getter = fromInput ? _window.MakeGetter(index) : _outputs[index]!;
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type.RawType}; its values cannot be read as {typeof(TValue)}.");
    }

    protected override bool MoveNextCore() => _window.MoveNext();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _input.Dispose();
        base.Dispose(disposing);
    }
}

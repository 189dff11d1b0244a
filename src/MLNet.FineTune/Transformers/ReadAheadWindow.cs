using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Transformers;

/// <summary>Rows read ahead of the one that is served, so that their texts are scored in one call.</summary>
/// <remarks>
/// The input is read once and in its order: rows may come from a stream that can be enumerated only once, or from a
/// shuffle, and no second pass has to agree with the first. Windows grow from one batch to the largest, so that taking
/// a few rows costs one batch and a long scan gets windows in which sorting by length pays.
/// </remarks>
internal sealed class ReadAheadWindow : ScoreSource
{
    /// <summary>A window is closed early when its passed-through vectors reach this many elements, which bounds memory.</summary>
    public const int MaximumElements = 1 << 24;

    private const int Growth = 4;

    private readonly ITextScorer _scorer;
    private readonly IHost _host;
    private readonly DataViewRowCursor _input;
    private readonly Func<TextInput> _read;
    private readonly Dictionary<int, ColumnBuffer> _buffers;
    private readonly ValueGetter<DataViewRowId> _id;
    private readonly int _maximumRows;
    private TextInput[] _texts = [];
    private DataViewRowId[] _ids = [];
    private long[] _batches = [];
    private float[] _scores = [];
    private int[] _starts = [];
    private int _rows;
    private int _index = -1;
    private bool _scored;
    private bool _ended;

    /// <param name="scorer">Scores the texts.</param>
    /// <param name="host">Polled for cancellation.</param>
    /// <param name="input">Cursor with the text columns and the passed-through columns active; not owned.</param>
    /// <param name="texts">The text columns.</param>
    /// <param name="passThrough">Input columns whose values will be asked for.</param>
    /// <param name="maximumRows">Most rows a window holds.</param>
    public ReadAheadWindow(ITextScorer scorer, IHost host, DataViewRowCursor input, TextColumns texts, IEnumerable<DataViewSchema.Column> passThrough, int maximumRows)
    {
        _scorer = scorer;
        _host = host;
        _input = input;
        _read = texts.MakeReader(input);
        _buffers = passThrough.ToDictionary(column => column.Index, column => ColumnBuffer.Create(input, column));
        _id = input.GetIdGetter();
        _maximumRows = maximumRows;
    }

    public override ReadOnlySpan<float> Current
    {
        get
        {
            int index = Index;
            if (!_scored)
            {
                for (int row = 0; row < _rows; row++)
                    _starts[row + 1] = checked(_starts[row] + _scorer.WidthOf(_texts[row]));
                int size = _starts[_rows];
                if (_scores.Length < size)
                    _scores = new float[size];
                _scorer.Score(new ArraySegment<TextInput>(_texts, 0, _rows), _scores.AsSpan(0, size), _host.CheckAlive);
                _scored = true;
            }
            return _scores.AsSpan(_starts[index].._starts[index + 1]);
        }
    }

    public override TextInput Text => _texts[Index];

    public long Batch => _index < 0 ? _input.Batch : _batches[_index];

    private int Index => _index >= 0 && _index < _rows ? _index
        : throw new InvalidOperationException("Values can be read only after MoveNext has returned true and before it returns false.");

    public bool MoveNext()
    {
        if (++_index < _rows)
            return true;
        Fill();
        _index = 0;
        return _rows > 0;
    }

    public ValueGetter<DataViewRowId> MakeIdGetter() => (ref DataViewRowId id) => id = _ids[Index];

    public Delegate MakeGetter(int column) => _buffers[column].MakeGetter(() => Index);

    private void Fill()
    {
        Grow();
        _rows = 0;
        _scored = false;
        for (long elements = 0; !_ended && _rows < _texts.Length && elements < MaximumElements; _rows++)
        {
            if (!_input.MoveNext())
            {
                _ended = true;
                break;
            }
            _texts[_rows] = _read();
            _id(ref _ids[_rows]);
            _batches[_rows] = _input.Batch;
            foreach (ColumnBuffer buffer in _buffers.Values)
                elements += buffer.Read(_rows);
        }
    }

    private void Grow()
    {
        int rows = Math.Min(_maximumRows, _texts.Length == 0 ? _scorer.BatchSize : _texts.Length * Growth);
        if (rows <= _texts.Length)
            return;
        _texts = new TextInput[rows];
        _ids = new DataViewRowId[rows];
        _batches = new long[rows];
        _starts = new int[rows + 1];
        foreach (ColumnBuffer buffer in _buffers.Values)
            buffer.Resize(rows);
    }
}

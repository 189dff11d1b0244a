using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Transformers;

/// <summary>Data with the outputs of a transformer of texts appended, scored in batches of rows when a cursor asks for an output.</summary>
internal sealed class ScoredDataView : IDataView
{
    private readonly IHost _host;
    private readonly ITextScorer _scorer;
    private readonly IDataView _source;
    private readonly TextRowMapper _mapper;
    private readonly ColumnBindings _bindings;
    private readonly RowToRowMapperTransform _rowByRow;
    private readonly int _windowRows;

    /// <param name="host">Host of the transformer.</param>
    /// <param name="scorer">Scores the texts.</param>
    /// <param name="source">The input.</param>
    /// <param name="makeMapper">Binds the transformer to a schema.</param>
    /// <param name="windowRows">Most rows that are scored in one call.</param>
    public ScoredDataView(IHost host, ITextScorer scorer, IDataView source, Func<DataViewSchema, TextRowMapper> makeMapper, int windowRows)
    {
        _host = host;
        _scorer = scorer;
        _source = source;
        _mapper = makeMapper(source.Schema);
        _bindings = new ColumnBindings(source.Schema, _mapper.GetOutputColumns());
        _rowByRow = new RowToRowMapperTransform(host, source, _mapper, makeMapper);
        _windowRows = windowRows;
    }

    public DataViewSchema Schema => _rowByRow.OutputSchema;

    public bool CanShuffle => _source.CanShuffle;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        _scorer.CheckAlive();
        bool[] active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
            active[column.Index] = true;
        bool[] passThrough = _bindings.GetActiveInput(column => active[column]);
        rand = CanShuffle ? rand : null;
        bool scores = _bindings.AddedColumnIndices.Any(column => active[column]);
        DataViewSchema.Column[] objects = [.. _source.Schema.Where(column => passThrough[column.Index] && !ColumnBuffer.Supports(column.Type))];
        if (scores && objects.Length == 0)
            return Score(passThrough, active, rand);
        if (scores)
        {
            using IChannel channel = _host.Start(nameof(ScoredDataView));
            channel.Warning("Rows are scored one by one, which is slow: the values of the column '{0}' ({1}) cannot be read ahead. Drop the column, or read it separately.", objects[0].Name, objects[0].Type);
        }
        return _rowByRow.GetRowCursor(Schema.Where(column => active[column.Index]), rand);
    }

    /// <summary>One cursor: the model uses all cores for each batch, so splitting the rows would only make the batches smaller.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private ScoredCursor Score(bool[] passThrough, bool[] active, Random? rand)
    {
        DataViewRowCursor input = _source.GetRowCursor(_source.Schema.Where(column => passThrough[column.Index] || _mapper.Texts.Contains(column.Index)), rand);
        try
        {
            IEnumerable<DataViewSchema.Column> kept = _source.Schema.Where(column => passThrough[column.Index]);
            var window = new ReadAheadWindow(_scorer, _host, input, _mapper.Texts, kept, _windowRows);
            Delegate?[] outputs = _mapper.CreateGetters(window, output => active[_bindings.AddedColumnIndices[output]]);
            return new ScoredCursor(_host, Schema, input, window, _bindings, active, outputs);
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }
}

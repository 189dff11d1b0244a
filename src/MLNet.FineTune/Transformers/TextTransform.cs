using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Transformers;

/// <summary>What all transformers of texts do the same: appending their outputs to data, batched, and row by row for a prediction engine.</summary>
internal sealed class TextTransform(IHost host, ITextTransformer transformer)
{
    /// <summary>How many batches the largest window holds: sorting by length pays within one.</summary>
    public const int WindowBatches = 16;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return RowToRowMapperTransform.GetOutputSchema(inputSchema, MakeMapper(inputSchema));
    }

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        transformer.Scorer.CheckAlive();
        return new ScoredDataView(host, transformer.Scorer, input, MakeMapper, transformer.WindowRows);
    }

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        transformer.Scorer.CheckAlive();
        return new RowToRowMapperTransform(host, new EmptyDataView(host, inputSchema), MakeMapper(inputSchema), MakeMapper);
    }

    private TextRowMapper MakeMapper(DataViewSchema schema) => new(host, transformer, schema);
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Transformers;

/// <summary>A transformer bound to one input schema: its output columns, and getters that score one row.</summary>
internal sealed class TextRowMapper : IRowMapper
{
    private readonly IHost _host;
    private readonly ITextTransformer _transformer;
    private readonly DataViewSchema.DetachedColumn[] _outputs;

    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or is not text.</exception>
    public TextRowMapper(IHost host, ITextTransformer transformer, DataViewSchema input)
    {
        _host = host;
        _transformer = transformer;
        Texts = transformer.BindTexts(input);
        _outputs = transformer.MakeOutputColumns(input);
    }

    public TextColumns Texts { get; }

    public Func<int, bool> GetDependencies(Func<int, bool> activeOutput)
    {
        bool any = Enumerable.Range(0, _outputs.Length).Any(activeOutput);
        return column => any && Texts.Contains(column);
    }

    public Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action? disposer)
    {
        disposer = null;
        if (!Enumerable.Range(0, _outputs.Length).Any(activeOutput))
            return new Delegate?[_outputs.Length];
        return CreateGetters(new RowScores(_transformer.Scorer, _host, input, Texts), activeOutput);
    }

    public Delegate?[] CreateGetters(ScoreSource scores, Func<int, bool> activeOutput) =>
        [.. Enumerable.Range(0, _outputs.Length).Select(output => activeOutput(output) ? _transformer.MakeGetter(output, scores) : null)];

    public DataViewSchema.DetachedColumn[] GetOutputColumns() => _outputs;

    public ITransformer GetTransformer() => _transformer;

    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)_transformer).Save(ctx);
}

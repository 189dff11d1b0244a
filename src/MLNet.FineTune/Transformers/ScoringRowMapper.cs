using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Transformers;

/// <summary>A transformer bound to one input schema: its output columns, and getters that score one row.</summary>
internal sealed class ScoringRowMapper : IRowMapper
{
    private readonly IHost _host;
    private readonly TextClassificationTransformer _transformer;
    private readonly DataViewSchema.DetachedColumn[] _outputs;

    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or is not text.</exception>
    public ScoringRowMapper(IHost host, TextClassificationTransformer transformer, DataViewSchema input)
    {
        _host = host;
        _transformer = transformer;
        Texts = TextColumns.Bind(input, transformer.Columns.Sentence1, transformer.Columns.Sentence2, nameof(input));
        // Scorers number their output columns, so that evaluators can tell the last scorer's from earlier ones.
        uint scoreSet = checked(input.GetMaxAnnotationKind(out _, AnnotationUtils.Kinds.ScoreColumnSetId) + 1);
        _outputs = transformer.MakeOutputColumns(scoreSet);
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
        return CreateGetters(new RowLogits(_transformer.Classifier, _host, input, Texts), activeOutput);
    }

    public Delegate?[] CreateGetters(LogitsSource logits, Func<int, bool> activeOutput) =>
        [.. Enumerable.Range(0, _outputs.Length).Select(output => activeOutput(output) ? _transformer.MakeGetter(output, logits) : null)];

    public DataViewSchema.DetachedColumn[] GetOutputColumns() => _outputs;

    public ITransformer GetTransformer() => _transformer;

    void ICanSaveModel.Save(ModelSaveContext ctx) => ((ICanSaveModel)_transformer).Save(ctx);
}

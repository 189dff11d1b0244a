using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>A fine-tuned encoder with what it predicts of texts: appends the score, and the predicted label where there are classes, to data that has the text columns.</summary>
/// <remarks>
/// <para>
/// <see cref="Transform"/> is lazy and scores many rows in one call, sorted by length; a prediction engine scores one
/// row at a time. Nothing is scored unless an output column is read. A missing text (null) is scored as empty text.
/// </para>
/// <para>
/// The transformer is thread-safe, holds the only copy of the weights, and owns it: dispose the transformer when it is
/// no longer used. <c>CreatePredictionEngine</c> disposes it with the engine unless
/// <see cref="PredictionEngineOptions.OwnsTransformer"/> is false.
/// </para>
/// </remarks>
public abstract partial class FineTunedTextTransformer : ITransformer, ITextTransformer, IEmbedderOwner, IDisposable
{
    private readonly IHost _host;
    private readonly TextTransform _transform;

    internal FineTunedTextTransformer(IHost host, ITextClassifier classifier, ClassLabels labels, ScoringColumns columns)
    {
        columns.Check();
        if (classifier.ClassCount != labels.Count)
            throw new ArgumentException($"The classifier has {classifier.ClassCount} classes, its labels have {labels.Count}.", nameof(classifier));
        _host = host;
        _transform = new TextTransform(host, this);
        Classifier = new SharedClassifier(classifier, GetType());
        Labels = labels;
        Columns = columns;
        WindowRows = TextTransform.WindowBatches * Classifier.BatchSize;
    }

    bool ITransformer.IsRowToRowMapper => true;

    ITextScorer ITextTransformer.Scorer => Classifier;

    int ITextTransformer.WindowRows => WindowRows;

    internal SharedClassifier Classifier { get; }

    internal ClassLabels Labels { get; }

    internal ScoringColumns Columns { get; }

    /// <summary>What it was trained to predict.</summary>
    internal abstract ClassificationTask Task { get; }

    /// <summary>How a text gets several classes or none; null where it gets one.</summary>
    internal virtual LabelRule? Rule => null;

    /// <summary>Most rows that <see cref="Transform"/> reads ahead and scores in one call.</summary>
    internal int WindowRows { get; set; }

    /// <summary>Name and version under which ML.NET saves and loads the transformer.</summary>
    private protected abstract VersionInfo Version { get; }

    /// <summary>Where messages go.</summary>
    private protected IHostEnvironment Environment => _host;

    /// <summary>The schema of the data that <see cref="Transform"/> gives for data of the input schema.</summary>
    /// <param name="inputSchema">Schema of data to be transformed.</param>
    /// <returns>The input's columns and the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or is not text.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _transform.GetOutputSchema(inputSchema);

    /// <summary>Appends the output columns, scored in batches of rows as they are read.</summary>
    /// <param name="input">Data with the text columns.</param>
    /// <returns>The data with the output columns. Its rows keep their order and identity.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or is not text.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IDataView Transform(IDataView input) => _transform.Transform(input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => _transform.GetRowToRowMapper(inputSchema);

    TextColumns ITextTransformer.BindTexts(DataViewSchema input) => BindTexts(input);

    private protected virtual TextColumns BindTexts(DataViewSchema input) => TextColumns.Bind(input, Columns.Sentence1, Columns.Sentence2, nameof(input));

    /// <remarks>Scorers number their output columns, so that evaluators can tell the last scorer's from earlier ones.</remarks>
    DataViewSchema.DetachedColumn[] ITextTransformer.MakeOutputColumns(DataViewSchema input) =>
        MakeOutputColumns(checked(input.GetMaxAnnotationKind(out _, AnnotationUtils.Kinds.ScoreColumnSetId) + 1));

    Delegate ITextTransformer.MakeGetter(int output, ScoreSource scores) => MakeGetter(output, scores);

    /// <remarks>The tuned encoder's: the vectors that are classified.</remarks>
    void IEmbedderOwner.UseEmbedder(Action<ITextEmbedder> action) => Classifier.Use(classifier =>
        action(classifier as ITextEmbedder ?? throw new NotSupportedException($"A classifier of type {classifier.GetType().Name} gives no embeddings.")));

    void ICanSaveModel.Save(ModelSaveContext ctx) => ClassificationModel.Save(ctx, _host, Version, this);

    /// <summary>Frees the weights, once scoring that is under way has ended. Further use throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        Classifier.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The same transformer with another classifier of the same classes, which it takes over.</summary>
    internal FineTunedTextTransformer With(ITextClassifier classifier) => Around(classifier);

    /// <summary>The same transformer with another classifier of the same classes, which it takes over.</summary>
    private protected abstract FineTunedTextTransformer Around(ITextClassifier classifier);

    /// <summary>The output columns with their annotations.</summary>
    /// <param name="scoreSet">The number of this set of score columns in the data.</param>
    internal abstract DataViewSchema.DetachedColumn[] MakeOutputColumns(uint scoreSet);

    /// <summary>A getter of one of the output columns.</summary>
    internal abstract Delegate MakeGetter(int output, ScoreSource logits);
}

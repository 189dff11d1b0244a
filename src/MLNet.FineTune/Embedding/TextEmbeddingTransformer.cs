using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Models;
using MLNet.FineTune.Persistence;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune;

/// <summary>Appends the vectors of texts, made by a pretrained encoder, to data that has the text column.</summary>
/// <remarks>
/// <para>
/// <see cref="Transform"/> is lazy and embeds many rows in one call, sorted by length; a prediction engine embeds one row at
/// a time. Nothing is embedded unless the output column is read. A missing text (null) is embedded as empty text.
/// </para>
/// <para>
/// The transformer is thread-safe, holds the only copy of the weights, and owns it: dispose the transformer when it is
/// no longer used. <c>CreatePredictionEngine</c> disposes it with the engine unless
/// <see cref="PredictionEngineOptions.OwnsTransformer"/> is false.
/// </para>
/// </remarks>
public sealed class TextEmbeddingTransformer : ITransformer, ITextTransformer, IEmbedderOwner, IDisposable
{
    internal const string LoaderSignature = "FineTuneTextEmbedding";

    private readonly SharedEmbedder _embedder;
    private readonly EmbeddingColumns _columns;
    private readonly TextTransform _transform;

    internal TextEmbeddingTransformer(IHostEnvironment environment, ITextEmbedder embedder, EmbeddingColumns columns)
    {
        _embedder = new SharedEmbedder(embedder);
        _columns = columns;
        _transform = new TextTransform(environment.Register(nameof(TextEmbeddingTransformer)), this);
        WindowRows = TextTransform.WindowBatches * embedder.BatchSize;
    }

    bool ITransformer.IsRowToRowMapper => true;

    ITextScorer ITextTransformer.Scorer => _embedder;

    int ITextTransformer.WindowRows => WindowRows;

    /// <summary>Most rows that <see cref="Transform"/> reads ahead and embeds in one call.</summary>
    internal int WindowRows { get; set; }

    private static VersionInfo VersionInfo => TransformerModel.MakeVersion("FTEMBTXT", LoaderSignature);

    /// <summary>The schema of the data that <see cref="Transform"/> gives for data of the input schema.</summary>
    /// <param name="inputSchema">Schema of data to be transformed.</param>
    /// <returns>The input's columns and the output column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or is not text.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _transform.GetOutputSchema(inputSchema);

    /// <summary>Appends the vectors, made in batches of rows as they are read.</summary>
    /// <param name="input">Data with the text column.</param>
    /// <returns>The data with the output column. Its rows keep their order and identity.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or is not text.</exception>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public IDataView Transform(IDataView input) => _transform.Transform(input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => _transform.GetRowToRowMapper(inputSchema);

    TextColumns ITextTransformer.BindTexts(DataViewSchema input) => TextColumns.Bind(input, _columns.Input, nameof(input));

    DataViewSchema.DetachedColumn[] ITextTransformer.MakeOutputColumns(DataViewSchema input)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        if (_embedder.IsNormalized)
            annotations.Add(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, (ref bool value) => value = true);
        return [new(_columns.Output, new VectorDataViewType(NumberDataViewType.Single, _embedder.Width), annotations.ToAnnotations())];
    }

    Delegate ITextTransformer.MakeGetter(int output, ScoreSource scores) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> vector) =>
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref vector, _embedder.Width);
        scores.Current.CopyTo(editor.Values);
        vector = editor.Commit();
    });

    void IEmbedderOwner.UseEmbedder(Action<ITextEmbedder> action) => _embedder.Use(action);

    void ICanSaveModel.Save(ModelSaveContext ctx) => EmbeddingModel.Save(ctx, VersionInfo, _embedder, _columns);

    /// <summary>Frees the weights, once embedding that is under way has ended. Further use throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _embedder.Dispose();

    /// <summary>Called by ML.NET to load the transformer.</summary>
    private static TextEmbeddingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        (EmbeddingColumns columns, ITextEmbedder embedder) = EmbeddingModel.Load(env, ctx, VersionInfo);
        return new TextEmbeddingTransformer(env, embedder, columns);
    }
}

using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Embedding;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune.Persistence;

/// <summary>A text embedding transformer in a model.</summary>
/// <remarks>Its description: the names of the output and the input column.</remarks>
internal static class EmbeddingModel
{
    public static void Save(ModelSaveContext ctx, VersionInfo version, SharedEmbedder embedder, EmbeddingColumns columns)
    {
        TransformerModel.Begin(ctx, version, "A text embedder");
        embedder.Use(model => TransformerModel.Write(ctx, model.Save, writer =>
        {
            writer.Write(columns.Output);
            writer.Write(columns.Input);
        }));
    }

    /// <inheritdoc cref="TransformerModel.Load"/>
    public static (EmbeddingColumns Columns, ITextEmbedder Embedder) Load(IHostEnvironment environment, ModelLoadContext ctx, VersionInfo version)
    {
        var settings = (IHostEnvironmentInternal)environment;
        return TransformerModel.Load<EmbeddingColumns, ITextEmbedder>(
            ctx,
            version,
            reader => new EmbeddingColumns(reader.ReadString(), reader.ReadString()),
            (_, open) => TextEmbedder.Load(open, Hardware.SelectDevice(settings.GpuDeviceId, settings.FallbackToCpu)));
    }
}

using Microsoft.ML;

namespace MLNet.FineTune.Persistence;

/// <summary>A transformer in ML.NET's model format: <c>Model.key</c> and the named streams of its model.</summary>
/// <remarks>
/// <c>Model.key</c>, after ML.NET's header, is one block: the description of the transformer, then the list of the streams
/// with their lengths and SHA-256.
/// </remarks>
internal static class TransformerModel
{
    /// <summary>1.1: the first. The upper half changes when older versions of the library cannot read what is written.</summary>
    public const uint FormatVersion = 0x00010001;

    public static VersionInfo MakeVersion(string modelSignature, string loaderSignature) => new(
        modelSignature,
        verWrittenCur: FormatVersion,
        verReadableCur: FormatVersion,
        verWeCanReadBack: FormatVersion,
        loaderAssemblyName: typeof(TransformerModel).Assembly.FullName,
        loaderSignature: loaderSignature);

    /// <summary>Begins a model; throws where it could not be saved.</summary>
    /// <param name="ctx">What is saved into.</param>
    /// <param name="version">Signatures and format version.</param>
    /// <param name="what">What the transformer is called in a message, with its article.</param>
    public static void Begin(ModelSaveContext ctx, VersionInfo version, string what)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(version);
        if (!ctx.InRepository)
            throw new NotSupportedException($"{what} is saved to a zip with several streams, not into a single stream.");
    }

    /// <summary>Writes a model that was begun.</summary>
    /// <param name="ctx">What is saved into.</param>
    /// <param name="saveStreams">Writes the streams by the function it is given: a name, and an action that writes the content.</param>
    /// <param name="describe">Writes the description.</param>
    public static void Write(ModelSaveContext ctx, Action<Action<string, Action<Stream>>> saveStreams, Action<BinaryWriter> describe)
    {
        var streams = new List<StreamEntry>();
        saveStreams((name, write) => streams.Add(ModelStreams.Write(ctx, name, write)));
        ModelStreams.WriteBlock(ctx.Writer, writer =>
        {
            describe(writer);
            ModelStreams.WriteList(writer, streams);
        });
    }

    /// <summary>Reads a model.</summary>
    /// <param name="ctx">What is loaded from.</param>
    /// <param name="version">Signatures and format version.</param>
    /// <param name="readDescription">Reads the description.</param>
    /// <param name="loadModel">Loads the model, given the description and a function that opens a stream by its name, verified, or gives null where the model was saved without it.</param>
    /// <exception cref="InvalidDataException">The model was altered, is incomplete, or was written by a newer version.</exception>
    /// <exception cref="FormatException">The stream is no model of this kind.</exception>
    public static (TDescription Description, TModel Model) Load<TDescription, TModel>(
        ModelLoadContext ctx, VersionInfo version, Func<BinaryReader, TDescription> readDescription, Func<TDescription, Func<string, Stream?>, TModel> loadModel)
        where TModel : IDisposable => Guard(() => Read(ctx, version, readDescription, loadModel));

    /// <summary>Reads a model that is all in its description.</summary>
    /// <inheritdoc cref="Load"/>
    public static TDescription LoadDescription<TDescription>(ModelLoadContext ctx, VersionInfo version, Func<BinaryReader, TDescription> readDescription) => Guard(() =>
    {
        using BinaryReader reader = Open(ctx, version);
        return readDescription(reader);
    });

    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (EndOfStreamException e)
        {
            var damaged = new InvalidDataException($"{ModelStreams.Key} or another stream of the model ends early: {e.Message}", e);
            LoadFailure.Mark(damaged);
            throw damaged;
        }
        catch (Exception e) when (LoadFailure.Mark(e))
        {
            throw;
        }
    }

    private static BinaryReader Open(ModelLoadContext ctx, VersionInfo version)
    {
        if (ctx.Header.ModelSignature == version.ModelSignature && ctx.Header.ModelVerReadable > FormatVersion)
            throw new InvalidDataException(
                $"{ModelStreams.Key}: the model needs format version {Text(ctx.Header.ModelVerReadable)} of MLNet.FineTune; this version of the library reads up to {Text(FormatVersion)}. Update the MLNet.FineTune package.");
        ctx.CheckAtModel(version);
        return ModelStreams.ReadBlock(ctx.Reader);
    }

    private static (TDescription Description, TModel Model) Read<TDescription, TModel>(
        ModelLoadContext ctx, VersionInfo version, Func<BinaryReader, TDescription> readDescription, Func<TDescription, Func<string, Stream?>, TModel> loadModel)
        where TModel : IDisposable
    {
        using BinaryReader reader = Open(ctx, version);
        TDescription description = readDescription(reader);
        Dictionary<string, StreamEntry> streams = ModelStreams.ReadList(reader);
        var unread = new HashSet<string>(streams.Keys, StringComparer.Ordinal);
        TModel model = loadModel(description, name =>
        {
            unread.Remove(name);
            return ModelStreams.Open(ctx, streams, name);
        });
        try
        {
            // Streams that only other programs read, such as adapter_config.json, are verified too.
            foreach (string name in unread)
                ModelStreams.Open(ctx, streams, name)!.Dispose();
            return (description, model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static string Text(uint version) => $"{version >> 16}.{version & 0xFFFF}";
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Persistence;

/// <summary>A text classification transformer in ML.NET's model format: <c>Model.key</c> and the streams of its classifier.</summary>
/// <remarks>
/// <c>Model.key</c>, after ML.NET's header, is one block: kind of classifier, column names, label (key type and values, or
/// boolean), list of the streams with their lengths and SHA-256.
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

    public static void Save(ModelSaveContext ctx, IHostEnvironment environment, VersionInfo version, TextClassificationTransformer transformer)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(version);
        if (!ctx.InRepository)
            throw new NotSupportedException("A fine-tuned text classifier is saved to a zip with several streams, not into a single stream.");
        transformer.Classifier.Use(classifier => Save(ctx, environment, transformer, classifier));
    }

    /// <exception cref="InvalidDataException">The model was altered, is incomplete, or was written by a newer version.</exception>
    /// <exception cref="FormatException">The stream is no model of this kind.</exception>
    public static TransformerParts Load(IHostEnvironment environment, ModelLoadContext ctx, VersionInfo version)
    {
        try
        {
            return LoadParts(environment, ctx, version);
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

    private static TransformerParts LoadParts(IHostEnvironment environment, ModelLoadContext ctx, VersionInfo version)
    {
        if (ctx.Header.ModelSignature == version.ModelSignature && ctx.Header.ModelVerReadable > FormatVersion)
            throw new InvalidDataException(
                $"{ModelStreams.Key}: the model needs format version {Text(ctx.Header.ModelVerReadable)} of MLNet.FineTune; this version of the library reads up to {Text(FormatVersion)}. Update the MLNet.FineTune package.");
        ctx.CheckAtModel(version);
        using BinaryReader reader = ModelStreams.ReadBlock(ctx.Reader);
        string kind = reader.ReadString();
        var columns = new ScoringColumns(reader.ReadString(), ReadOptional(reader), reader.ReadString(), reader.ReadString(), ReadOptional(reader));
        ClassLabels labels = ReadLabels(environment, reader);
        Dictionary<string, StreamEntry> streams = ModelStreams.ReadList(reader);
        var unread = new HashSet<string>(streams.Keys, StringComparer.Ordinal);
        ITextClassifier classifier = ClassifierFormats.Find(kind).Load(environment, name =>
        {
            unread.Remove(name);
            return ModelStreams.Open(ctx, streams, name);
        });
        try
        {
            // Streams that only other programs read, such as adapter_config.json, are verified too.
            foreach (string name in unread)
                ModelStreams.Open(ctx, streams, name)!.Dispose();
            return new TransformerParts(classifier, labels, columns);
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    private static void Save(ModelSaveContext ctx, IHostEnvironment environment, TextClassificationTransformer transformer, ITextClassifier classifier)
    {
        IClassifierFormat format = ClassifierFormats.For(classifier);
        var streams = new List<StreamEntry>();
        format.Save(classifier, (name, write) => streams.Add(ModelStreams.Write(ctx, name, write)));
        ModelStreams.WriteBlock(ctx.Writer, writer =>
        {
            writer.Write(format.Kind);
            ScoringColumns columns = transformer.Columns;
            writer.Write(columns.Sentence1);
            WriteOptional(writer, columns.Sentence2);
            writer.Write(columns.Score);
            writer.Write(columns.PredictedLabel);
            WriteOptional(writer, columns.Probability);
            WriteLabels(environment, writer, transformer.Labels);
            ModelStreams.WriteList(writer, streams);
        });
    }

    private static void WriteLabels(IHostEnvironment environment, BinaryWriter writer, ClassLabels labels)
    {
        writer.Write(labels.KeyType is not null);
        if (labels.KeyType is null)
            return;
        writer.Write(labels.KeyType.RawType.Name);
        writer.Write(labels.Count);
        writer.Write(labels.Values is not null);
        writer.Flush();
        labels.Values?.Write(environment, writer.BaseStream);
    }

    private static ClassLabels ReadLabels(IHostEnvironment environment, BinaryReader reader)
    {
        if (!reader.ReadBoolean())
            return ClassLabels.Boolean;
        string name = reader.ReadString();
        Type raw = name switch
        {
            nameof(Byte) => typeof(byte),
            nameof(UInt16) => typeof(ushort),
            nameof(UInt32) => typeof(uint),
            nameof(UInt64) => typeof(ulong),
            _ => throw new InvalidDataException($"{ModelStreams.Key}: the label's key is of type '{name}'; expected Byte, UInt16, UInt32 or UInt64."),
        };
        var type = new KeyDataViewType(raw, reader.ReadInt32());
        return new ClassLabels(type, reader.ReadBoolean() ? KeyValues.Load(environment, reader.BaseStream) : null);
    }

    private static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }

    private static string? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;

    private static string Text(uint version) => $"{version >> 16}.{version & 0xFFFF}";
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Persistence;

/// <summary>A text classification transformer in a model.</summary>
/// <remarks>Its description: kind of classifier, column names, label (key type and values, or boolean).</remarks>
internal static class ClassificationModel
{
    private sealed record Description(string Kind, ScoringColumns Columns, ClassLabels Labels);

    public static void Save(ModelSaveContext ctx, IHostEnvironment environment, VersionInfo version, TextClassificationTransformer transformer)
    {
        TransformerModel.Begin(ctx, version, "A fine-tuned text classifier");
        transformer.Classifier.Use(classifier =>
        {
            IClassifierFormat format = ClassifierFormats.For(classifier);
            TransformerModel.Write(ctx, write => format.Save(classifier, write), writer => Describe(environment, writer, format, transformer));
        });
    }

    /// <inheritdoc cref="TransformerModel.Load"/>
    public static TransformerParts Load(IHostEnvironment environment, ModelLoadContext ctx, VersionInfo version)
    {
        (Description description, ITextClassifier classifier) = TransformerModel.Load(
            ctx, version, reader => Read(environment, reader), (description, open) => ClassifierFormats.Find(description.Kind).Load(environment, open));
        return new TransformerParts(classifier, description.Labels, description.Columns);
    }

    private static void Describe(IHostEnvironment environment, BinaryWriter writer, IClassifierFormat format, TextClassificationTransformer transformer)
    {
        writer.Write(format.Kind);
        ScoringColumns columns = transformer.Columns;
        writer.Write(columns.Sentence1);
        WriteOptional(writer, columns.Sentence2);
        writer.Write(columns.Score);
        writer.Write(columns.PredictedLabel);
        WriteOptional(writer, columns.Probability);
        WriteLabels(environment, writer, transformer.Labels);
    }

    private static Description Read(IHostEnvironment environment, BinaryReader reader)
    {
        string kind = reader.ReadString();
        var columns = new ScoringColumns(reader.ReadString(), ReadOptional(reader), reader.ReadString(), reader.ReadString(), ReadOptional(reader));
        return new Description(kind, columns, ReadLabels(environment, reader));
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
}

using MLNet.FineTune.Heads;

namespace MLNet.FineTune.Persistence;

/// <summary>The rule of a classifier with several labels in the description of a model: threshold, then order and weights of the chain where there is one.</summary>
internal static class LabelRuleFormat
{
    public static void Write(BinaryWriter writer, LabelRule rule)
    {
        writer.Write(rule.Threshold);
        writer.Write(rule.Chain is not null);
        if (rule.Chain is null)
            return;
        foreach (int label in rule.Chain.Order)
            writer.Write(label);
        foreach (float weight in rule.Chain.Weights)
            writer.Write(weight);
    }

    /// <exception cref="InvalidDataException">The description is not what <see cref="Write"/> writes for that number of labels.</exception>
    public static LabelRule Read(BinaryReader reader, int labels)
    {
        float threshold = reader.ReadSingle();
        if (!(threshold is > 0 and < 1))
            throw new InvalidDataException(FormattableString.Invariant($"{ModelStreams.Key}: the threshold of the labels is {threshold}; expected above 0 and below 1."));
        return new LabelRule(threshold, reader.ReadBoolean() ? ReadChain(reader, labels) : null);
    }

    private static LabelChain ReadChain(BinaryReader reader, int labels)
    {
        long weights = LabelChain.WeightCount(labels), rest = reader.BaseStream.Length - reader.BaseStream.Position;
        if (rest < labels * (long)sizeof(int) + weights * sizeof(float))
            throw new InvalidDataException($"{ModelStreams.Key}: the stream ends before the {weights} weights of the chain of {labels} labels.");
        int[] order = [.. Enumerable.Range(0, labels).Select(_ => reader.ReadInt32())];
        var values = new float[weights];
        for (int i = 0; i < values.Length; i++)
            values[i] = reader.ReadSingle();
        try
        {
            return new LabelChain(order, values);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{ModelStreams.Key}: {e.Message}", e);
        }
    }
}

namespace MLNet.FineTune.Training;

/// <summary>Counts entities in tags of the forms IOB, IOB2, IOE and IOBES, as seqeval does in its default mode and conlleval did: an I- without a beginning begins an entity, and another type ends one.</summary>
internal sealed class EntityCounts
{
    /// <summary>Entities in the true tags.</summary>
    public int True { get; private set; }

    /// <summary>Entities in the predicted tags.</summary>
    public int Predicted { get; private set; }

    /// <summary>Predicted entities that are true: first word, last word and type.</summary>
    public int Correct { get; private set; }

    /// <summary>The share of predicted entities that are true; 0 where none is predicted.</summary>
    public double Precision => Predicted == 0 ? 0 : (double)Correct / Predicted;

    /// <summary>The share of true entities that are predicted; 0 where there is none.</summary>
    public double Recall => True == 0 ? 0 : (double)Correct / True;

    /// <summary>The harmonic mean of both; 0 where one of them is.</summary>
    public double F1 => True + Predicted == 0 ? 0 : 2.0 * Correct / (True + Predicted);

    /// <summary>Counts a text.</summary>
    /// <param name="truth">The true tag of each word.</param>
    /// <param name="predicted">The predicted ones, as many.</param>
    public void Add(IReadOnlyList<string> truth, IReadOnlyList<string> predicted)
    {
        HashSet<(string, int, int)> entities = [.. Entities(truth)];
        True += entities.Count;
        foreach ((string, int, int) entity in Entities(predicted))
        {
            Predicted++;
            Correct += entities.Contains(entity) ? 1 : 0;
        }
    }

    /// <summary>The entities of a text: type, first word, last word.</summary>
    public static List<(string Type, int First, int Last)> Entities(IReadOnlyList<string> tags)
    {
        var entities = new List<(string, int, int)>();
        (char Prefix, string Type) before = Parse("O");
        int first = 0;
        for (int word = 0; word <= tags.Count; word++)
        {
            (char Prefix, string Type) tag = Parse(word < tags.Count ? tags[word] : "O");
            if (Ends(before, tag))
                entities.Add((before.Type, first, word - 1));
            if (Begins(before, tag))
                first = word;
            before = tag;
        }
        return entities;
    }

    private static bool Ends((char Prefix, string Type) before, (char Prefix, string Type) tag) =>
        before.Prefix is 'E' or 'S' || before.Prefix is 'B' or 'I' && tag.Prefix is 'B' or 'S' or 'O' || before.Prefix != 'O' && before.Type != tag.Type;

    private static bool Begins((char Prefix, string Type) before, (char Prefix, string Type) tag) =>
        tag.Prefix is 'B' or 'S' || before.Prefix is 'E' or 'S' or 'O' && tag.Prefix is 'E' or 'I' || tag.Prefix != 'O' && before.Type != tag.Type;

    /// <summary>The letter before the hyphen and the type after it; a tag of a letter alone has a type of no name.</summary>
    private static (char Prefix, string Type) Parse(string tag)
    {
        if (tag.Length == 0)
            return ('O', "_");
        string rest = tag[1..];
        int hyphen = rest.IndexOf('-', StringComparison.Ordinal);
        string type = hyphen < 0 ? rest : rest[(hyphen + 1)..];
        return (tag[0], type.Length == 0 ? "_" : type);
    }
}

using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

/// <summary>Entities counted by hand, by the rules of conlleval, which seqeval's default mode has too.</summary>
[TestClass]
public sealed class EntityCountsTests
{
    [TestMethod]
    [DataRow("O O O", "")]
    [DataRow("B-PER I-PER O B-LOC", "PER 0-1, LOC 3-3")]
    [DataRow("B-PER B-PER I-PER", "PER 0-0, PER 1-2", DisplayName = "touching entities of one type")]
    [DataRow("B-PER B-LOC", "PER 0-0, LOC 1-1", DisplayName = "touching entities of two types")]
    [DataRow("I-PER I-PER O I-LOC", "PER 0-1, LOC 3-3", DisplayName = "entities that begin with I-")]
    [DataRow("B-PER I-LOC I-LOC", "PER 0-0, LOC 1-2", DisplayName = "the type changes within")]
    [DataRow("I-PER B-PER I-PER", "PER 0-0, PER 1-2", DisplayName = "IOB: B- parts two of one type")]
    [DataRow("S-PER B-LOC I-LOC E-LOC O", "PER 0-0, LOC 1-3", DisplayName = "IOBES")]
    [DataRow("B-LOC E-LOC I-LOC E-LOC", "LOC 0-1, LOC 2-3", DisplayName = "what follows an end begins")]
    [DataRow("S-PER I-PER E-PER E-PER", "PER 0-0, PER 1-2, PER 3-3", DisplayName = "ends of their own")]
    [DataRow("B-GENE-DNA I-GENE-DNA", "GENE-DNA 0-1", DisplayName = "a hyphen in the type")]
    [DataRow("B I O B", "_ 0-1, _ 3-3", DisplayName = "no types")]
    [DataRow("O B-PER", "PER 1-1", DisplayName = "the last word")]
    [DataRow("", "")]
    public void Entities_are_found(string tags, string expected)
    {
        string found = string.Join(", ", EntityCounts.Entities(tags.Split(' ')).Select(entity => $"{entity.Type} {entity.First}-{entity.Last}"));
        Assert.AreEqual(expected, found);
    }

    [TestMethod]
    public void An_entity_is_right_when_both_ends_and_the_type_are()
    {
        var counts = new EntityCounts();
        Assert.AreEqual(0, counts.F1);
        // Right; wrong end; wrong type; missed; invented.
        counts.Add("B-PER I-PER O B-LOC I-LOC O B-ORG O B-LOC O".Split(' '), "B-PER I-PER O B-LOC O O B-PER O O B-ORG".Split(' '));
        // Another text: an entity does not go on from one to the next.
        counts.Add(["I-ORG"], ["I-ORG"]);
        Assert.AreEqual((5, 5, 2), (counts.True, counts.Predicted, counts.Correct));
        Assert.AreEqual(0.4, counts.Precision, 1e-12);
        Assert.AreEqual(0.4, counts.Recall, 1e-12);
        Assert.AreEqual(0.4, counts.F1, 1e-12);
        counts.Add(["O"], ["B-PER"]);
        Assert.AreEqual(2 / 6.0, counts.Precision, 1e-12);
        Assert.AreEqual(2 * (2 / 6.0) * 0.4 / (2 / 6.0 + 0.4), counts.F1, 1e-12);
    }

    /// <summary>The test part of CoNLL-2003 has 5,648 entities (Tjong Kim Sang and De Meulder 2003, table 2).</summary>
    [TestMethod]
    public void Counts_the_entities_of_conll_2003()
    {
        var counts = new EntityCounts();
        List<string> tags = [];
        foreach (string line in File.ReadLines(SharedData.Require("data", "conll2003", "test.txt")).Append(""))
            if (line.Length > 0)
                tags.Add(line[(line.LastIndexOf(' ') + 1)..]);
            else
            {
                counts.Add(tags, tags);
                tags.Clear();
            }
        Assert.AreEqual((5648, 5648, 5648), (counts.True, counts.Predicted, counts.Correct));
    }
}

using MLNet.FineTune.QuestionAnswering;

namespace MLNet.FineTune.Tests.QuestionAnswering;

/// <summary>Counted by hand after SQuAD's evaluation program.</summary>
[TestClass]
public sealed class AnswerTextTests
{
    [TestMethod]
    [DataRow("The  Panthers' defense!", "panthers defense")]
    [DataRow("a cat, an owl and the theatre", "cat owl and theatre")]
    [DataRow("U.S.A.", "usa")]
    [DataRow("the-end", "theend")]
    [DataRow("The\tEND\u00a0of", "end of")]
    [DataRow("«5½»", "«5½»")]
    [DataRow("A", "")]
    public void Words_that_count(string text, string expected) => Assert.AreEqual(expected, string.Join(' ', AnswerText.Words(text)));

    [TestMethod]
    [DataRow("The Denver Broncos", "Denver Broncos", true, 1.0)]
    [DataRow("Denver Broncos won", "denver broncos", false, 0.8)] // precision 2/3, recall 1
    [DataRow("in in in", "in in Rome", false, 4 / 6.0)] // a word counts as often as it is right
    [DataRow("Rome", "Paris", false, 0.0)]
    [DataRow("", "Paris", false, 0.0)]
    [DataRow("Paris", "", false, 0.0)]
    [DataRow("", "", true, 1.0)]
    [DataRow("the", "", true, 1.0)]
    public void One_right_answer(string answer, string gold, bool exact, double f1)
    {
        Assert.AreEqual(exact, AnswerText.IsExact(answer, [gold]));
        Assert.AreEqual(f1, AnswerText.F1(answer, [gold]), 1e-12);
    }

    [TestMethod]
    public void The_nearest_right_answer_counts()
    {
        Assert.IsTrue(AnswerText.IsExact("gold", ["a silver medal", "Gold."]));
        Assert.AreEqual(2 * (1 / 2.0) * 1 / (1 / 2.0 + 1), AnswerText.F1("gold medal", ["gold", "three bronze ones"]), 1e-12);
        Assert.AreEqual(0, AnswerText.F1("", ["gold", ""]), "An empty one among several right answers does not make having none right.");
        Assert.AreEqual(1, AnswerText.F1("", []));
    }
}

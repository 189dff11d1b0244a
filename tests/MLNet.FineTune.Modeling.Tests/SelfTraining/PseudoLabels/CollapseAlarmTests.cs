using MLNet.FineTune.SelfTraining;

namespace MLNet.FineTune.Tests.SelfTraining;

[TestClass]
public sealed class CollapseAlarmTests
{
    [TestMethod]
    public void AClassThatDisappearsIsAlarming()
    {
        var alarm = new CollapseAlarm([5, 5, 5]);
        Assert.IsNull(alarm.Check([50, 45, 5]));
        StringAssert.Contains(alarm.Check([60, 40, 0]), "class 3 of 3");
    }

    [TestMethod]
    public void DriftIsTheDistanceOfSharesFromTheRoundBefore()
    {
        var alarm = new CollapseAlarm([5, 5]);
        alarm.Check([80, 20]);
        Assert.AreEqual(0.3, alarm.Drift, 1e-12);
        alarm.Check([4, 1]);
        Assert.AreEqual(0, alarm.Drift, 1e-12);
        var other = new CollapseAlarm([5, 5]) { State = alarm.State };
        other.Check([0, 0]);
        Assert.AreEqual(1, other.Drift);
    }

    [TestMethod]
    public void ARareClassMayDisappear()
    {
        var alarm = new CollapseAlarm([5, 5, 5]);
        Assert.IsNull(alarm.Check([50, 46, 4]));
        Assert.IsNull(alarm.Check([60, 40, 0]));
    }

    [TestMethod]
    public void InTheFirstRoundAClassMayBeMissing() => Assert.IsNull(new CollapseAlarm([5, 5, 5]).Check([60, 40, 0]));

    [TestMethod]
    public void OneClassThatTakesOverIsAlarming() => StringAssert.Contains(new CollapseAlarm([5, 5]).Check([96, 4]), "class 1 of 2 has 96 %");

    [TestMethod]
    public void ClassesAreCalledByTheirNames() => StringAssert.Contains(new CollapseAlarm([5, 5], ["ham", "spam"]).Check([4, 96]), "class 'spam' has 96 %");

    [TestMethod]
    public void OneClassMayBeAsFrequentAsItIsAmongTheLabels() => Assert.IsNull(new CollapseAlarm([98, 2]).Check([97, 3]));

    [TestMethod]
    public void NothingKeptIsAlarming() => StringAssert.Contains(new CollapseAlarm([5, 5]).Check([0, 0]), "no label");

    [TestMethod]
    public void WhatAlarmedIsNotComparedWithLater()
    {
        var alarm = new CollapseAlarm([5, 5]);
        Assert.IsNull(alarm.Check([50, 50]));
        Assert.IsNotNull(alarm.Check([100, 0]));
        Assert.IsNotNull(alarm.Check([100, 0]));
    }
}
